"""Make an AI training shard of any size: call-centre transcripts with embeddings, as Parquet.

Run `python examples/datasets/shard.py OUT [BYTES]` (default 100 MB). Rows are written group by
group, so the memory needed does not grow with the size. Needs numpy and pyarrow alone.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROWS_PER_GROUP = 4096
WIDTH = 256  # float32 numbers in one embedding: 1 KiB that does not compress
SENTENCES = (
    "お電話ありがとうございます。ご契約の内容を確認いたします。",
    "回線の速度が夜になると落ちます。",
    "請求書の送付先を変更したいのですが。",
    "折り返しのご連絡先は{phone}でよろしいでしょうか。",
    "The light on the box has been red since this morning.",
    "かしこまりました。担当の{name}が承ります。",
)
NAMES = ("佐藤 蓮", "鈴木 凛", "高橋 湊", "田中 結菜", "伊藤 誠", "渡辺 美咲")


def shard(target: Path, size: int = 100_000_000, *, seed: int = 7) -> int:
    """Write at least `size` bytes of whole row groups to `target`; return the number of rows.

    Raises:
        ValueError: `size` is not positive.
    """
    if size <= 0:
        raise ValueError("a shard has a positive size in bytes")
    chance = np.random.default_rng(seed)
    per_group = min(ROWS_PER_GROUP, max(64, size // (4 * WIDTH) // 4))
    rows = 0
    with target.open("wb") as sink, pq.ParquetWriter(sink, _schema(), compression="zstd") as out:
        while sink.tell() < size:
            out.write_table(_group(chance, rows, per_group))
            rows += per_group
    return rows


def _schema() -> Any:
    return pa.schema(
        [
            ("call_id", pa.int64()),
            ("customer_name", pa.string()),
            ("caller_phone", pa.string()),
            ("transcript", pa.string()),
            ("embedding", pa.list_(pa.float32(), WIDTH)),
        ]
    )


def _group(chance: np.random.Generator, first: int, rows: int) -> Any:
    names = [NAMES[i] for i in chance.integers(len(NAMES), size=rows)]
    phones = [f"090-{n // 10_000}-{n % 10_000:04d}" for n in chance.integers(10**7, 10**8, rows)]
    turns = chance.integers(len(SENTENCES), size=(rows, 4))
    texts = [
        "".join(SENTENCES[turn] for turn in row).format(name=name, phone=phone)
        for row, name, phone in zip(turns, names, phones, strict=True)
    ]
    numbers = pa.array(chance.standard_normal(rows * WIDTH, dtype=np.float32))
    columns = [
        pa.array(range(first, first + rows), pa.int64()),
        pa.array(names),
        pa.array(phones),
        pa.array(texts),
        pa.FixedSizeListArray.from_arrays(numbers, WIDTH),
    ]
    return pa.table(columns, schema=_schema())


if __name__ == "__main__":
    shard(Path(sys.argv[1]), *map(int, sys.argv[2:3]))
