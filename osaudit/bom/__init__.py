"""Bills of materials: a model's content, written in the forms of SPDX and CycloneDX, checked, and read back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from osaudit.bom.content import Content

Writer: TypeAlias = Callable[[Content], str]


def _spdx2_json(content: Content) -> str:
    from osaudit.bom.spdx2 import render_json  # noqa: PLC0415 - this form was asked for, and spdx-tools with it

    return render_json(content)


def _spdx2_tag_value(content: Content) -> str:
    from osaudit.bom.spdx2 import render_tag_value  # noqa: PLC0415 - likewise

    return render_tag_value(content)


def _spdx2_yaml(content: Content) -> str:
    from osaudit.bom.spdx2 import render_yaml  # noqa: PLC0415 - likewise

    return render_yaml(content)


def _spdx3(content: Content) -> str:
    from osaudit.bom.spdx3 import render  # noqa: PLC0415 - likewise, and the bindings of SPDX 3

    return render(content)


def _cyclonedx16(content: Content) -> str:
    from osaudit.bom.cyclonedx import render  # noqa: PLC0415 - likewise

    return render(content, "1.6")


def _cyclonedx17(content: Content) -> str:
    from osaudit.bom.cyclonedx import render  # noqa: PLC0415 - likewise

    return render(content, "1.7")


WRITERS: Mapping[str, Writer] = MappingProxyType(
    {
        "spdx-2.3-json": _spdx2_json,
        "spdx-2.3-tv": _spdx2_tag_value,
        "spdx-2.3-yaml": _spdx2_yaml,
        "spdx-3.0.1": _spdx3,
        "cyclonedx-1.6": _cyclonedx16,
        "cyclonedx-1.7": _cyclonedx17,
    }
)
