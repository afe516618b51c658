"""Learning rates over a training."""

import keras


def decay_adam(steps: int, rate: float = 1e-3) -> keras.optimizers.Optimizer:
    """Make Adam (Kingma & Ba 2015, arXiv:1412.6980) with cosine decay to nothing."""
    return keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(rate, steps))


def warm_up_and_decay(steps: int, peak: float) -> keras.optimizers.schedules.LearningRateSchedule:
    """Make a rate that rises over the first twentieth of the steps and falls to a thousandth.

    The fall is a cosine (Loshchilov & Hutter 2017, arXiv:1608.03983).
    """
    rising = steps // 20
    # alpha counts from the peak, not from the rate before the warm-up
    return keras.optimizers.schedules.CosineDecay(
        peak / 100, steps - rising, alpha=1e-3, warmup_target=peak, warmup_steps=rising
    )
