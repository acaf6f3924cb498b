"""The data set: scikit-learn's breast cancer diagnoses, 569 rows of 30 numbers, as CSV."""

import csv
import hashlib
import io
from dataclasses import dataclass

NAME = "breast_cancer"
FILE = "breast_cancer.csv"


@dataclass(frozen=True)
class Table:
    """Rows of numbers, and what each row is: 0 malignant, 1 benign."""

    features: list[list[float]]
    labels: list[int]


def as_csv() -> bytes:
    """The data set as it ships with scikit-learn; the same bytes every time."""
    from sklearn.datasets import load_breast_cancer

    bunch = load_breast_cancer()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*bunch.feature_names, "label"])
    for features, label in zip(bunch.data.tolist(), bunch.target.tolist(), strict=True):
        writer.writerow([*features, label])
    return text.getvalue().encode()


def from_csv(content: bytes) -> Table:
    """Read what `as_csv` wrote; ValueError if it is not that."""
    _, *rows = csv.reader(io.StringIO(content.decode()))
    features = [[float(cell) for cell in row[:-1]] for row in rows]
    return Table(features, [int(row[-1]) for row in rows])


def sha256(content: bytes) -> str:
    """The checksum as it stands in every step's document."""
    return hashlib.sha256(content).hexdigest()
