(** The checker as OCaml, with zarith's integers for numbers and OCaml's for sizes. What is mapped
    here is trusted to be the same function; work.ml also counts. *)
From Coq Require Import String List ZArith.
From Coq Require Import ExtrOcamlBasic ExtrOcamlString ExtrOcamlNatInt ExtrOcamlZBigInt.
From Relumax Require Import Statement Kernel Elaborate Points Wellformed Print Checker.

Extract Constant Nat.leb => "(fun (a : int) b -> a <= b)".
Extract Constant Nat.ltb => "(fun (a : int) b -> a < b)".
Extract Constant N.of_nat => "Big_int_Z.big_int_of_int".
Extract Constant N.to_nat => "Big_int_Z.int_of_big_int".
Extract Constant Z.of_nat => "Big_int_Z.big_int_of_int".
Extract Constant Z.add => "Work.add".
Extract Constant Z.mul => "Work.mul".
Extract Constant Z.div => "Work.div".
Extract Constant Z.gcd => "Work.gcd".
Extract Constant Z.ggcd => "Work.ggcd".
Extract Constant Pos.mul => "Work.mul".
Extract Constant Pos.eqb => "Work.equal".
Extract Constant N.eqb => "Work.equal".
Extract Constant N.compare =>
  "(fun x y -> let s = Work.compare x y in if s = 0 then Eq else if s < 0 then Lt else Gt)".
Extract Constant N.succ_pos => "Work.succ_pos".
Extract Constant digits => "Work.digits".
Extract Constant String.eqb => "Work.same_name".
Extract Constant List.app => "Work.append".
Extract Constant List.map => "Work.map".
Extract Constant List.nth => "Work.nth".
Extract Constant List.nth_error => "Work.nth_error".

Extraction Blacklist List String Work.
Extraction "proved.ml" accepts network_text claim_text.
