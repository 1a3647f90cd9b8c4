"""Training of the reader and the detector. Needs the extra `train` (torch); nothing here is used when reading plates."""
