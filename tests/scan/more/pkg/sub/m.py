from transformers import AutoModel
from pkg import DEFAULT
from .. import consts
import pkg.consts as pc
from ..consts import REV as R
a = AutoModel.from_pretrained(DEFAULT, revision=R)  # h/reexport
b = AutoModel.from_pretrained(consts.DEFAULT)       # h/reexport
c = AutoModel.from_pretrained(pc.DEFAULT)           # h/reexport
def helper(n, *, rev="main"):
    return AutoModel.from_pretrained(n, revision=rev)
