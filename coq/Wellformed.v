(** What else FORMAT.md asks of a network and a claim. Soundness needs none of it: it keeps names
    readable, leaves no input and no output out of a claim, and lets checkers agree. *)
From Coq Require Import String Ascii List ZArith Bool.
Import ListNotations.
From Relumax Require Import Statement Kernel Elaborate Points.
Open Scope Z_scope.

(** * Sizes and networks *)

Definition is_size (n : nat) : bool := negb (Nat.eqb n 0) && (N.of_nat n <? 1048576)%N.
Definition row_content (g : Z) (r : row) : Z := gcd_terms (Z.gcd g (bias r)) (weights r).
(** A layer is reduced as a whole, and has a row. *)
Definition good_rows (d : positive) (rs : list row) : bool :=
  nonempty rs && (fold_left row_content rs (Zpos d) =? 1).
Definition good_network (n : network) : bool := is_size (inputs n) &&
  forallb (fun l => good_rows (divisor l) (map snd (rows l))) (layers n) &&
  good_rows (output_divisor n) (outputs n).

(** * Names *)

Definition between (low high : ascii) (c : ascii) : bool :=
  (Nat.leb (nat_of_ascii low) (nat_of_ascii c)) && (Nat.leb (nat_of_ascii c) (nat_of_ascii high)).
Definition is_letter := between "a" "z".
Definition is_digit := between "0" "9".
Fixpoint all_chars (p : ascii -> bool) (s : string) : bool :=
  match s with EmptyString => true | String c s => p c && all_chars p s end.
Definition starts_with_letter (s : string) : bool :=
  match s with EmptyString => false | String c _ => is_letter c end.
(** 2 e5 would be read as a number. *)
Definition is_exponent (s : string) : bool :=
  match s with String "e" s => all_chars is_digit s | _ => false end.
Definition name_char (c : ascii) : bool := is_letter c || is_digit c || Ascii.eqb c "_".
Fixpoint words_of (s : string) (word : string) : list string := match s with
  | EmptyString => [word]
  | String " " s => word :: words_of s ""
  | String c s => words_of s (word ++ String c "")
  end.
Definition words : list name := words_of (
  "after all and are at before below by each earlier equal every first for from i in " ++
  "index input inputs integer is it last later least max min most multiples of one or other " ++
  "output outputs relu step such than that the to where winner zero two three four five six " ++
  "seven eight nine ten hundred thousand million half pi nan inf infinity")%string "".
Definition good_name (s : name) : bool := starts_with_letter s && all_chars name_char s &&
  Nat.leb (String.length s) 16 && negb (is_exponent s) && negb (existsb (String.eqb s) words).

(** * Sums, clauses, definitions *)

Definition reference_eqb (r s : reference) : bool := match r, s with
  | Element a k, Element b l => String.eqb a b && Nat.eqb k l
  | ElementAt a w, ElementAt b u => String.eqb a b && String.eqb w u
  | ElementI a, ElementI b | Scalar a, Scalar b | IndexOf a, IndexOf b => String.eqb a b
  | I, I => true
  | _, _ => false
  end.
Definition known (ix : list name) (w : name) : bool := existsb (String.eqb w) ix.
(** A name is an index if it is one of ix, and a scalar if it is not. *)
Definition good_reference (ix : list name) (r : reference) : bool := match r with
  | Element a _ | ElementI a => good_name a
  | ElementAt a w => good_name a && known ix w
  | Scalar m => good_name m && negb (known ix m)
  | IndexOf w => known ix w
  | I => true
  end.
Fixpoint good_parts (ix : list name) (l : list (Z * reference)) : bool := match l with
  | [] => true
  | (c, r) :: l => negb (c =? 0) && good_reference ix r &&
      negb (existsb (fun p => reference_eqb r (snd p)) l) && good_parts ix l
  end.
Definition good_sum ix (s : affine) : bool := good_parts ix (parts s).
Definition good_each (e : option nat) : bool := match e with Some n => is_size n | None => true end.
Definition good_guard ix (g : option (guard * name)) : bool :=
  match g with Some (_, w) => known ix w | None => true end.
Definition good_case ix (b : list (relation * affine)) : bool :=
  nonempty b && forallb (fun a => good_sum ix (snd a)) b.
Definition good_clause ix (c : clause) : bool := good_each (each c) && good_guard ix (where_ c) &&
  nonempty (any c) && forallb (good_case ix) (any c).
Definition good_requirement ix (r : requirement) : bool := match r with
  | RequireClause c => good_clause ix c
  | RequireWinner w a _ _ _ => known ix w && good_name a
  end.
Definition good_definition ix (d : definition) : bool := match d with
  | DefineArray a n _ _ s => good_name a && is_size n && good_sum ix s
  | DefineScalar m _ _ s => good_name m && good_sum ix s
  | DefineList a l => good_name a && nonempty l && forallb (fun p => good_sum ix (snd p)) l
  | DefineMax m a | DefineMin m a => good_name m && good_name a
  end.
Definition good_statement (s : statement) : bool :=
  let ix := map fst (index s) in
  forallb (fun w => good_name (fst w) && is_size (snd w)) (index s) &&
  forallb (good_definition ix) (define s) && forallb (good_requirement ix) (requires s) &&
  nonempty (ensures s) && forallb (good_clause ix) (ensures s).

(** * Every input and every output is in exactly one array *)

Definition elements_of (a : array) : list N :=
  map (fun i => N.of_nat (base a + stride a * i)) (seq 0 (array_length a)).
(** The set with these new ones, all below n. *)
Fixpoint add_new (n : N) (ks : list N) (seen : PM.t unit) : option (PM.t unit) := match ks with
  | [] => Some seen
  | k :: ks => if (k <? n)%N && negb (PM.mem (N.succ_pos k) seen)
      then add_new n ks (PM.add (N.succ_pos k) tt seen) else None
  end.
Definition covers (n : nat) (al : list array) : bool :=
  match fold_option (fun seen a => add_new (N.of_nat n) (elements_of a) seen) al (PM.empty _) with
  | Some _ => Nat.eqb (list_sum (map array_length al)) n
  | None => false
  end.
Definition good_array (a : array) : bool :=
  good_name (array_name a) && is_size (stride a) && is_size (array_length a).
Definition good_arrays (n : network) (al : list array) : bool :=
  nonempty al && forallb good_array al &&
  covers (inputs n) (filter (fun a => negb (is_output a)) al) &&
  covers (List.length (outputs n)) (filter is_output al).

(** * Every element of every array of the claim is mentioned *)

(** A name, and which of its elements: from [fst] to before [snd], or all. *)
Definition extent := option (nat * nat).
Definition mention := (name * extent)%type.
Definition everything : extent := None.
Definition reference_mentions (of_i : extent) (r : reference) : list mention := match r with
  | Element a k => [(a, Some (k, S k))]
  | ElementAt a _ => [(a, everything)]
  | ElementI a => [(a, of_i)]
  | Scalar m => [(m, everything)]
  | IndexOf _ | I => []
  end.
Definition affine_mentions of_i (s : affine) : list mention :=
  flat_map (fun p => reference_mentions of_i (snd p)) (parts s).
(** The i for which some value of the guard's index leaves a case. *)
Definition clause_cases (c : clause) : nat * nat := match each c, where_ c with
  | Some n, Some (Before, _) => (0, n - 1)%nat
  | Some n, Some (After, _) => (1, n)%nat
  | Some n, Some (Except, _) => if Nat.leb n 1 then (1, 1)%nat else (0, n)%nat
  | Some n, None => (0, n)%nat
  | None, _ => (0, 1)%nat
  end.
Definition clause_mentions (c : clause) : list mention :=
  let of_i := clause_cases c in
  if Nat.ltb (fst of_i) (snd of_i)
  then flat_map (flat_map (fun a => affine_mentions (Some of_i) (snd a))) (any c) else [].
Definition requirement_mentions (r : requirement) : list mention := match r with
  | RequireClause c => clause_mentions c
  | RequireWinner _ a _ _ _ => [(a, everything)]
  end.
Definition definition_mentions (d : definition) : name * list mention := match d with
  | DefineArray a _ _ _ s => (a, affine_mentions everything s)
  | DefineScalar m _ _ s => (m, affine_mentions everything s)
  | DefineList a l => (a, flat_map (fun p => affine_mentions everything (snd p)) l)
  | DefineMax m a | DefineMin m a => (m, [(a, everything)])
  end.
(** What refers to a definition mentions what the definition refers to; the last one first. *)
Definition through_definition (d : definition) (ms : list mention) : list mention :=
  let (m, more) := definition_mentions d in
  if existsb (fun p => String.eqb m (fst p)) ms then more ++ ms else ms.
Definition statement_mentions (s : statement) : list mention :=
  fold_right through_definition
    (flat_map requirement_mentions (requires s) ++ flat_map clause_mentions (ensures s)) (define s).
Definition covers_all (n : nat) (e : extent) : bool := match e with
  | None => true
  | Some (low, high) => Nat.eqb low 0 && Nat.leb n high
  end.
Definition mark_extent (n : nat) (seen : PM.t unit) (e : extent) : PM.t unit := match e with
  | None => seen
  | Some (low, high) => fold_left (fun seen k => PM.add (N.succ_pos (N.of_nat k)) tt seen)
      (seq low (Nat.min n high - low)) seen
  end.
Definition mentioned (ms : list mention) (a : array) : bool :=
  let n := array_length a in
  let extents := map snd (filter (fun p => String.eqb (array_name a) (fst p)) ms) in
  existsb (covers_all n) extents ||
  let seen := fold_left (mark_extent n) extents (PM.empty _) in
  forallb (fun k => PM.mem (N.succ_pos (N.of_nat k)) seen) (seq 0 n).

(** * Certificates *)

Definition good_claim (n : network) (c : claim) : bool :=
  good_arrays n (arrays c) && nonempty (statements c) && forallb good_statement (statements c) &&
  forallb (mentioned (flat_map statement_mentions (statements c))) (arrays c).
Definition well_formed (c : certificate) : bool :=
  good_network (the_network c) && good_claim (the_network c) (the_claim c).
