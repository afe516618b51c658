"""What more than the last layer that `python -m train finetune` fits is worth, and what it costs.

Posed faces (NHFI) are drawn as in `own-pictures`. Tried are as many faces of FER2013 mixed in; and,
with the fitted layer, the whole network: it learns on from the drawn faces, moved and covered, at a
low rate and with its batch normalisation as it was, then its weights are mixed with those that it
began with (Wortsman et al. 2022, arXiv:2109.01903).

Needs: nhfi.zip and FER2013 in one folder; Keras; a checkpoint that did not learn from NHFI.
"""

import argparse
from typing import NamedTuple

import keras
import numpy as np
import numpy.typing as npt

from train.data.faceset import LABELS, FaceSet, draw
from train.data.folds import Groups, group_faces
from train.data.formats import read_parts
from train.expression.augment import Augmentation, draw_batches
from train.expression.finetune.cross_validation import Features, fit_path
from train.expression.finetune.fitting import (
    HEAD,
    Fitted,
    build_network,
    compute_features,
    fit_own,
)
from train.expression.finetune.head import Head
from train.expression.finetune.starts import Origin, open_origin
from train.runs.progress import print_now

from ..harness.machine import read_versions
from ..harness.report import Report
from ..harness.table import Table, to_percent
from ..inputs.public_test import require_data
from .own_pictures import add_options as add_options
from .own_pictures import average, draw_shares, read_posed

EPOCHS = {300: 15, 1500: 8}  # by the number of drawn faces
RATE, BATCH = 0.003, 32
MOVED = Augmentation(degrees=10, shift=1 / 16, log_scale=0.15, erase=0.25)
SHARES = (0.5, 1.0)  # of the trained weights, the rest is of those that it began with
WHERE = ("NHFI", "PublicTest")
AT_HOME = 1000  # faces of PublicTest, to see what is forgotten
Weights = list[npt.NDArray[np.float32]]


class Place(NamedTuple):
    """Where faces are drawn from and measured.

    Attributes:
        posed: faces that draws are made from.
        groups: of these.
        home: faces of PublicTest.
        learned: faces that the checkpoint learned from.
        origin: the checkpoint.
    """

    posed: FaceSet
    groups: Groups
    home: FaceSet
    learned: FaceSet
    origin: Origin


def measure(options: argparse.Namespace) -> Report:
    """Fit, train and measure every draw: one row a size and share."""
    folder = require_data(options.data)
    origin, posed = open_origin(options.init, LABELS), read_posed(folder, options.init)
    fer2013 = read_parts(folder, origin.record.input).choose(LABELS)
    home = draw(fer2013.split("PublicTest"), AT_HOME, 0)
    place = Place(posed, group_faces(posed), home, fer2013.split("Training"), origin)
    figures = {
        str(size): average([measure_draw(place, size, seed) for seed in range(options.draws)])
        for size in EPOCHS
    }
    recipes = dict.fromkeys(name.partition(": ")[0] for name in figures[str(max(EPOCHS))])
    rows = [
        [size, recipe, *(to_percent(found[f"{recipe}: {where}"]) for where in WHERE)]
        for size, found in figures.items()
        for recipe in recipes
    ]
    return Report(
        f"more than the last layer: {options.init.name}, {options.draws} draws of each size",
        [Table(["pictures", "in %; mean over draws", *WHERE], rows)],
        read_versions("keras", "tensorflow-cpu", "numpy"),
        {"draws": options.draws, "init": options.init.name, "sizes": figures},
    )


def measure_draw(place: Place, size: int, seed: int) -> dict[str, float]:
    """Fit the last layer to one draw, train the network, and measure on the rest and at home."""
    origin, groups = place.origin, place.groups
    drawn = draw_shares(place.posed.original, size, seed)
    rest = place.posed.take(~np.isin(groups.numbers, groups.numbers[drawn]))
    faces = place.posed.take(drawn)
    mine = Groups(groups.numbers[drawn], groups.pictures[drawn], groups.people)
    features = compute_features(origin.backbone, faces.images)
    fitted = fit_own(features, faces.original, origin, mine, seed)
    network = build_network(origin, fitted.trained, LABELS)
    first: Weights = network.get_weights()
    found = {}

    def look(what: str) -> None:
        for name, where in zip(WHERE, (rest, place.home), strict=True):
            found[f"{what}: {name}"] = rate(network, where)

    look("fitted")
    mixed = fit_mixed(origin, features, faces.original, draw(place.learned, size, seed), fitted)
    network.get_layer(HEAD).set_weights([mixed.kernel, mixed.bias])
    look("FER2013 mixed in")
    network.set_weights(first)
    train_whole(network, faces, EPOCHS[size], seed)
    last: Weights = network.get_weights()
    for share in SHARES:
        network.set_weights(mix(first, last, share))
        look(f"whole network, share {share:g}")
    network.set_weights(first)  # the backbone is the origin's own
    print_now(f"{size}, draw {seed}: " + ", ".join(f"{k} {100 * v:.1f}" for k, v in found.items()))
    return found


def fit_mixed(
    origin: Origin,
    features: Features,
    truth: npt.NDArray[np.int64],
    more: FaceSet,
    fitted: Fitted,
) -> Head:
    """Fit the last layer to the drawn faces and to others, under the same prior."""
    others = compute_features(origin.backbone, more.images)
    both = Features(*(np.concatenate(pair) for pair in zip(features, others, strict=True)))
    right = np.concatenate([truth, more.original])
    (head,) = fit_path(both, right, origin.prior, (fitted.strength,))
    return head


def train_whole(network: keras.Model, faces: FaceSet, epochs: int, seed: int) -> None:
    """Train a network on faces; its rate falls to nothing, its normalisations stay as they are."""
    for layer in network.layers:
        layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)
    steps = max(1, epochs * (len(faces) // BATCH))
    rates = keras.optimizers.schedules.CosineDecay(RATE, steps)
    optimizer = keras.optimizers.SGD(rates, momentum=0.9, nesterov=True)
    network.compile(optimizer, {HEAD: "sparse_categorical_crossentropy"})
    for epoch in range(epochs):
        for index, images in draw_batches(faces.images, BATCH, seed, epoch, MOVED):
            network.train_on_batch(images, {HEAD: faces.original[index]})


def mix(first: Weights, last: Weights, share: float) -> Weights:
    """Return weights on the way from the first to the last ones."""
    return [one + share * (other - one) for one, other in zip(first, last, strict=True)]


def rate(network: keras.Model, faces: FaceSet) -> float:
    """Return the share of faces that a network answers right."""
    given = network.predict(faces.images, batch_size=64, verbose=0)[HEAD]
    return float((given.argmax(axis=1) == faces.original).mean())
