"""cvc5 on a question in SMT-LIB, since its wheel has no program: `python benchmarks/flat_cvc5.py FILE.smt2`."""

import sys

import cvc5


def main() -> None:
    """Run the commands of the file and print what they answer."""
    solver = cvc5.Solver()
    parser = cvc5.InputParser(solver)
    parser.setFileInput(cvc5.InputLanguage.SMT_LIB_2_6, sys.argv[1])
    names = parser.getSymbolManager()
    while not (command := parser.nextCommand()).isNull():
        print(command.invoke(solver, names), end="")


if __name__ == "__main__":
    main()
