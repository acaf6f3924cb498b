"""Three packages that nobody wrote for this, from the index, as workloads: the same on any target.

sqlite-utils prepares data (plain Python), gensim trains word vectors (compiled, with numpy and
scipy), sacrebleu evaluates translations (compiled, with lxml). Each has a command line, needs no
network, and makes do with data of a line or two.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Public:
    """The lines of `workload` with one step to prepare and one to work, and what that one says."""

    workload: str
    says: str


PACKAGES = {
    "sqlite-utils": Public(
        workload="""
workload:
  package: sqlite-utils==4.2.1
  parameters: {table: visits}
  steps:
    - name: load
      command:
        - sh
        - -c
        - |
          printf 'id,region\\n1,eu\\n2,us\\n3,eu\\n' > visits.csv
          sqlite-utils insert "$OUTPUTS/team.db" "$PARAM_TABLE" visits.csv --csv
    - name: count
      needs: [load]
      command:
        - sqlite-utils
        - query
        - $(INPUTS)/load/team.db
        - select region, count(*) as n from $(PARAM_TABLE) group by region order by 1
""",
        says='{"region": "eu", "n": 2}',
    ),
    "gensim": Public(
        workload="""
workload:
  package: gensim==4.4.0
  parameters: {dimensions: 5}
  steps:
    - name: texts
      command:
        - sh
        - -c
        - printf 'the cat sat on the mat\\nthe dog sat on the rug\\n' > "$OUTPUTS/texts"
    - name: train
      needs: [texts]
      resources: {cpu: 500m, memory: 600Mi}
      command: [python, -m, gensim.scripts.word2vec_standalone, -train, $(INPUTS)/texts/texts,
                -output, $(OUTPUTS)/vectors, -size, $(PARAM_DIMENSIONS), -min_count, "1"]
""",
        says="storing 7x5 projection weights into",
    ),
    "sacrebleu": Public(
        workload="""
workload:
  package: sacrebleu==2.6.0
  steps:
    - name: translate
      command:
        - sh
        - -c
        - |
          echo 'the cat sat on the mat' > "$OUTPUTS/reference"
          echo 'the cat sat on a mat' > "$OUTPUTS/translation"
    - name: evaluate
      needs: [translate]
      command: [sacrebleu, $(INPUTS)/translate/reference, -i, $(INPUTS)/translate/translation,
                --metrics, chrf, --score-only]
""",
        says="evaluate | 66.0",
    ),
}
