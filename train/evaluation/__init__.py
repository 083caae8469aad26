"""Evaluation on held-out data: metrics of all systems, comparisons, the ablation study, and systems C and D.

The functions return dictionaries that `commands` writes as run records. `reports` and `commands` may import this
package. It imports everything below it in `train`, but no report and no command.
"""
