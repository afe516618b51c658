"""Pairs of rows and columns with the highest total gain: the assignment problem."""

import numpy as np
import numpy.typing as npt


def assign(gains: npt.NDArray[np.float64]) -> list[tuple[int, int]]:
    """Pair rows with columns so that the sum of the gains is highest.

    Each row and each column is in one pair at most; a gain of 0 makes no pair. This is the
    Hungarian method with potentials: H. W. Kuhn, The Hungarian method for the assignment problem,
    Naval Research Logistics Quarterly 2, 1955.

    Args:
        gains: float array (rows, columns), 0 or more.

    Returns:
        Pairs of row and column, in order of rows.
    """
    if not gains.size:
        return []
    if gains.shape[0] > gains.shape[1]:
        return sorted((row, column) for column, row in assign(gains.T))
    rows = _assign_all(-gains)
    return [(row, column) for row, column in enumerate(rows) if gains[row, column] > 0]


def _assign_all(costs: npt.NDArray[np.float64]) -> list[int]:
    """Return for each row its column in the pairing of lowest cost; rows are not more than columns.

    One row comes in at a time: the shortest path of changes, by reduced costs, leads from it to a
    free column. Place 0 of columns is the row that is coming in.
    """
    rows, columns = costs.shape
    row_potential, potential = np.zeros(rows + 1), np.zeros(columns + 1)
    owner = np.zeros(columns + 1, int)  # row of each column, from 1; 0 for none
    for row in range(1, rows + 1):
        owner[0], column = row, 0
        shortest = np.full(columns + 1, np.inf)
        before = np.zeros(columns + 1, int)
        visited = np.zeros(columns + 1, bool)
        while owner[column]:
            visited[column] = True
            here = owner[column]
            reduced = costs[here - 1] - row_potential[here] - potential[1:]
            better = ~visited[1:] & (reduced < shortest[1:])
            shortest[1:][better], before[1:][better] = reduced[better], column
            open_paths = np.where(visited, np.inf, shortest)
            open_paths[0] = np.inf
            following = int(open_paths.argmin())
            step = open_paths[following]
            row_potential[owner[visited]] += step
            potential[visited] -= step
            shortest[~visited] -= step
            column = following
        while column:  # hand the columns on along the path
            owner[column] = owner[before[column]]
            column = int(before[column])
    pairs = {int(owner[column]) - 1: column - 1 for column in range(1, columns + 1)}
    return [pairs[row] for row in range(rows)]
