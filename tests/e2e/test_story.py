"""The story of one customer in docs/ is what the program does."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

import story_page


@pytest.mark.deep
def test_the_story_tells_what_the_warehouse_answers(tmp_path: Path) -> None:
    answers = story_page.lived(story_page.PAGE.read_text(encoding="utf-8"), tmp_path)
    assert len(answers) == 12
    for written, answered in answers:
        assert answered == written, "run tools/story_page.py"
