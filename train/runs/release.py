"""The weights to release: float32, averaged over training."""

import keras


def release(model: keras.Model, released: keras.Model) -> None:
    """Copy the weights into the float32 twin, averaged over training where the optimizer does."""
    for new, value in zip(released.weights, model.weights, strict=True):
        new.assign(keras.ops.cast(value, new.dtype))
    if model.optimizer.use_ema and int(model.optimizer.iterations):
        averages = model.optimizer._model_variables_moving_average
        for new, value in zip(released.trainable_variables, averages, strict=True):
            new.assign(keras.ops.cast(value, new.dtype))
