"""Writes the Parquet and Excel files of this folder, and rows.jsonl with the rows that each Parquet file must give.

    pip install pyarrow==26.0.1 openpyxl==3.1.5
    python make.py
"""

import datetime
import decimal
import json

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 300
WORDS = "ruhig 東京 café naïve 😀 tea rain bread walk sound night morning".split()


def row(i):
    words = [WORDS[(i * 7 + j * j) % len(WORDS)] for j in range(i % 9)]
    return {
        "text": " ".join(words) + f" {i}" if i % 11 else None,
        "label": i % 3 if i % 13 else None,
        "score": i / 4 if i % 5 else None,
        "flag": None if i % 17 == 0 else i % 2 == 0,
        "count": i * 1_000_003 - 5,
        "tokens": None if i % 19 == 0 else words,
        "ner_tags": None if i % 23 == 0 else [j % 2 for j in range(len(words))],
        "messages": None if i % 7 == 0 else [{"role": "user", "content": w} for w in words],
        "deep": [[1, None], [], [i]] if i % 2 else None,
        "price": decimal.Decimal(i) / 4,
        "meta": {"id": i, "tags": {"a": None if i % 3 else "x"}},
    }


SCHEMA = pa.schema(
    [
        ("text", pa.string()),
        ("label", pa.int64()),
        ("score", pa.float64()),
        ("flag", pa.bool_()),
        pa.field("count", pa.int64(), nullable=False),
        ("tokens", pa.list_(pa.string())),
        ("ner_tags", pa.list_(pa.int32())),
        ("messages", pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))),
        ("deep", pa.list_(pa.list_(pa.int64()))),
        ("price", pa.decimal128(12, 2)),
        ("meta", pa.struct([("id", pa.int64()), ("tags", pa.struct([("a", pa.string())]))])),
    ],
    metadata={
        "huggingface": json.dumps(
            {
                "info": {
                    "features": {
                        "text": {"dtype": "string", "_type": "Value"},
                        "label": {"names": ["bad", "fair", "good"], "_type": "ClassLabel"},
                        "ner_tags": {"feature": {"names": ["O", "B-X"], "_type": "ClassLabel"}, "_type": "Sequence"},
                    }
                }
            }
        )
    },
)


def main():
    rows = [row(i) for i in range(ROWS)]
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    small = dict(row_group_size=130, data_page_size=512)
    pq.write_table(table, "snappy.parquet", compression="snappy", **small)
    split = dict(use_dictionary=False, use_byte_stream_split=["score", "count"])
    pq.write_table(table, "plain-v2.parquet", compression="none", data_page_version="2.0", **split, **small)
    pq.write_table(table, "gzip.parquet", compression="gzip", version="1.0", **small)
    pq.write_table(table, "lz4.parquet", compression="lz4", data_page_version="2.0", **small)
    deltas = {"text": "DELTA_BYTE_ARRAY", "label": "DELTA_BINARY_PACKED", "count": "DELTA_BINARY_PACKED", "flag": "RLE"}
    deltas["tokens.list.element"] = "DELTA_LENGTH_BYTE_ARRAY"
    deltas["ner_tags.list.element"] = "DELTA_BINARY_PACKED"
    pq.write_table(table, "zstd-delta.parquet", compression="zstd", use_dictionary=False, column_encoding=deltas, **small)
    with open("rows.jsonl", "w", encoding="utf-8") as out:
        for one in rows:
            one["price"] = float(one["price"])
            out.write(json.dumps(one, ensure_ascii=False) + "\n")

    labels = pa.Table.from_pylist(
        [{"text": f"day {i}", "label": i % 3} for i in range(30)],
        schema=pa.schema([SCHEMA.field("text"), SCHEMA.field("label")], metadata=SCHEMA.metadata),
    )
    pq.write_table(labels, "labels.parquet")

    late = datetime.datetime(1994, 5, 31, 9, 30, 15, 250125)
    early = datetime.datetime(1969, 12, 31, 23, 59, 59, 500000)
    times = pa.array([late, early], pa.timestamp("us"))
    columns = {
        "text": ["a", "b"],
        "day": pa.array([late.date(), early.date()], pa.date32()),
        "millis": times.cast(pa.timestamp("ms"), safe=False),
        "micros": pa.array([late, early], pa.timestamp("us", tz="UTC")),
        "nanos": times.cast(pa.timestamp("ns")),
    }
    pq.write_table(pa.table(columns), "times.parquet", compression="zstd")

    numbers = {
        "text": ["a", "b"],
        "small": pa.array([1, 2**32 - 1], pa.uint32()),
        "large": pa.array([2**63 - 1, 2**64 - 1], pa.uint64()),
        "deltas": pa.array([2**32 - 1, 7], pa.uint32()),
        "spark": pa.array([late, early], pa.timestamp("ns")),
    }
    how = dict(use_dictionary=["small", "spark"], column_encoding={"deltas": "DELTA_BINARY_PACKED"})
    pq.write_table(pa.table(numbers), "unsigned.parquet", use_deprecated_int96_timestamps=True, **how)

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Reviews"
    sheet.append(["text", None, "label", "stars", "day"])
    sheet.append(["good tea & <bread>", None, "pos", 5, datetime.date(2026, 1, 2)])
    sheet.append([])
    sheet.append(["line one\nline two", None, "pos", 4.5, None])
    sheet.append(["東京 😀", None, "neg", True, None])
    sheet.append([" spaces ", None, "neg", "=1+1", None])
    book.create_sheet("Notes").append(["not read"])
    book.save("workbook.xlsx")


main()
