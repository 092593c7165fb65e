"""Keys and sealed records. The only room that imports nacl, cryptography or argon2."""
