"""Adverts with photos against the vehicle register: which car each shows, what the register says of it, where the two differ."""
