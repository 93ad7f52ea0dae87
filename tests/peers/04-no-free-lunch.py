"""Makes 04-no-free-lunch.json: the theorem of chapter 4 on three bits, with learners of scikit-learn.

    python3 -m venv venv && venv/bin/pip install -r tests/peers/requirements.txt
    venv/bin/python tests/peers/04-no-free-lunch.py
"""

import json
import pathlib
from itertools import combinations, product

import sklearn
from sklearn.dummy import DummyClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier

HERE = pathlib.Path(__file__).parent


# ANCHOR: theorem
def off_the_set(model, bits=3, taught=4):
    inputs = list(product([0, 1], repeat=bits))
    right = asked = 0
    for places in combinations(range(len(inputs)), taught):
        known = [inputs[i] for i in places]
        unseen = [x for x in inputs if x not in known]
        for labels in product([0, 1], repeat=taught):
            answer = model.fit(known, labels).predict(unseen)
            for rest in product([0, 1], repeat=len(unseen)):
                right += sum(a == y for a, y in zip(answer, rest))
                asked += len(unseen)
    return right, asked
# ANCHOR_END: theorem


MODELS = {
    "nearest": KNeighborsClassifier(1),
    "tree": DecisionTreeClassifier(random_state=0),
    "majority": DummyClassifier(),
}

record = {"sklearn": sklearn.__version__}
for name, model in MODELS.items():
    right, asked = off_the_set(model)
    record[name] = {"right": int(right), "asked": asked}
(HERE / "04-no-free-lunch.json").write_text(json.dumps(record, indent=2) + "\n")
