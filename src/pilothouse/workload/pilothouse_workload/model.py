"""The model, and how good it must be."""

from typing import Any

from pilothouse_workload.dataset import Table

PARAMETERS = {"C": 1.0, "max_iter": 500, "random_state": 0}
TEST_SHARE = 0.25

# It reaches 0.98; a platform that mixed up data or models would not come near.
LEAST_ACCURACY = 0.9


def split(table: Table) -> tuple[Any, Any, Any, Any]:
    """Training and test features, training and test labels: the same rows every time."""
    import numpy as np
    from sklearn.model_selection import train_test_split

    features, labels = np.array(table.features), np.array(table.labels)
    parts = train_test_split(
        features, labels, test_size=TEST_SHARE, stratify=labels, random_state=0
    )
    return tuple(parts)


def fit(features: Any, labels: Any) -> Any:
    """Train a scaled logistic regression."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression(**PARAMETERS)).fit(features, labels)


def measure(labels: Any, predictions: Any) -> dict[str, float]:
    """Accuracy and F1 on the test rows."""
    from sklearn.metrics import accuracy_score, f1_score

    accuracy, f1 = accuracy_score(labels, predictions), f1_score(labels, predictions)
    return {"accuracy": float(accuracy), "f1": float(f1)}


def plot(labels: Any, predictions: Any) -> Any:
    """How many test rows of each class were told right and wrong, as a matplotlib figure."""
    from matplotlib.figure import Figure
    from sklearn.metrics import confusion_matrix

    counts = confusion_matrix(labels, predictions)
    figure = Figure(figsize=(5, 4.5), layout="constrained")
    axes = figure.add_subplot(xlabel="predicted class", ylabel="true class")
    axes.set_title(f"{counts.trace()} of {counts.sum()} test rows are right")
    axes.imshow(counts, cmap="Blues")
    classes = range(len(counts))
    axes.set_xticks(classes)
    axes.set_yticks(classes)
    for row in classes:
        for column in classes:
            count = counts[row, column]
            colour = "white" if count > 0.65 * counts.max() else "black"  # on a dark blue
            axes.text(
                column, row, str(count), ha="center", va="center", color=colour, fontsize="x-large"
            )
    return figure
