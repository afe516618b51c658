"""The networks that read faces: recipes, training, figures."""
