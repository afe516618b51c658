"""The figures that were measured, and the passages of the documents that quote them."""
