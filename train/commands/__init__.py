"""The commands of `python -m train`: one module for each group of commands, and the options that they share.

Commands parse options, call recipes and evaluations, and write run records. Only `train.__main__` imports this
package; it may import every other package of `train`.
"""
