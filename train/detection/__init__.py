"""The face detector: photographs → what two other detectors and people say → a network."""
