"""How passwords are kept: argon2id at the cost OWASP's cheat sheet asks for, in one thread.

Django's default asks for eight threads and twice 100 MB: a quarter of a second on two cores, and
when the whole house signs in at eight, every other page waits behind it.
"""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """46 MiB, one pass, one lane; a password kept at another cost is kept anew at its sign-in."""

    time_cost = 1
    memory_cost = 47_104
    parallelism = 1
