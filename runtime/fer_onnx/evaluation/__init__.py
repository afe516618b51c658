"""How good a model's answers are on labelled pictures: metrics, intervals, comparisons."""
