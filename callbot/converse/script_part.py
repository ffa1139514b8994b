"""What every part of a script is made of."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
"""One spoken line. `{{ call_name }}`, `{{ district }}` and `{{ callback }}` are filled in; nothing else is."""


class Part(BaseModel):
    """Any part of a script: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)
