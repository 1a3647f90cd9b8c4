"""Drawn plates, scenes and things that are not plates, in the labelled format."""
