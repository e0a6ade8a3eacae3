"""Where things lie in the state folder."""

from pathlib import Path


def landed_file(state: Path, source: str, sha256: str) -> Path:
    """Where the landed rows of a delivered file stand: kept across runs, named by content."""
    return state / "landed" / source / f"{sha256}.parquet"


def generation_file(state: Path, number: int) -> Path:
    """Where a published generation is kept; readers use the warehouse's own path."""
    return state / "generations" / f"g{number:06d}.duckdb"


def generation_files(state: Path) -> list[Path]:
    """Every kept generation, oldest first."""
    return sorted((state / "generations").glob("g*.duckdb"))
