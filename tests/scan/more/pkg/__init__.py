from .consts import DEFAULT
