"""Engines that look for proofs; what they find is handed to the kernel.

Engine `modular` goes gadget by gadget (with `calls`, `held`, `meanings`, `invariants`, `follow`, `goals`, on a
`notebook`), `canonical` by canonical forms, `flat` by one case tree, `orders` is engine `symmetric`, `link`
holds identities against their networks.

=============  ==================================================================================
fact           what the kernel knows in a branch: an atom, a clause, a max fact; `Fact` has its number
step, block    one rule, with what it uses and makes; the steps of a branch (`script`)
derive         write a cut that follows from facts; `fact` looks one up, or derives it
held           the form of a value over the units of one layer, and how it is carried on
meaning        the form of a value over inputs, units and names of the statement, carried or not
contract       what a gadget ensures, as a lemma (`contracts`), proved once (`lemmas`)
stated         what a step of an outline says of its values, as facts (`invariants`)
required       what the statement requires at i (PICK), for each entry of `requires` and each index
cut            what `goals` proves once of arrays read at an index, for all goals to use
evidence       the facts that speak of a value: clauses of its units, contracts, what is stated
=============  ==================================================================================
"""
