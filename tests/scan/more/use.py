from pkg.sub.m import helper
from pkg.sub import m
helper("h/helper", rev="v2")   # h/helper
m.helper(n="h/helper2")        # h/helper2
