"""Do these words bind the use? The only answer to that question, from the rule book in `criteria/restrictions/`."""

from osaudit.restrictions.reader import NOT_UNDERSTOOD as NOT_UNDERSTOOD
from osaudit.restrictions.reader import Hit as Hit
from osaudit.restrictions.reader import by_classes as by_classes
from osaudit.restrictions.reader import further as further
from osaudit.restrictions.reader import heard as heard
