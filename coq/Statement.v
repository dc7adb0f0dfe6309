(** What a certificate says: ordered fields, networks, claims, and their meaning.
    This file is all that a reader of a theorem has to believe; everything else is checked. *)
From Coq Require Import String List ZArith OrderedRing InitialRing. Import ListNotations.
(** An ordered field; [SOR] are Coq's own laws of an ordered ring, [leb] decides the order. *)
Record OrderedField := { carrier :> Type; zero : carrier; one : carrier;
  add : carrier -> carrier -> carrier; mul : carrier -> carrier -> carrier;
  sub : carrier -> carrier -> carrier; opp : carrier -> carrier; inv : carrier -> carrier;
  le : carrier -> carrier -> Prop; lt : carrier -> carrier -> Prop;
  leb : carrier -> carrier -> bool; laws : SOR zero one add mul sub opp eq le lt;
  leb_spec : forall x y, leb x y = true <-> le x y;
  inv_spec : forall x, x <> zero -> mul x (inv x) = one }.
(** A network: layers of units, then outputs. A row stands for (bias + sum of c h_j) / divisor. *)
Inductive kind := Relu | Step.  Record row := Row { bias : Z; weights : list (N * Z) }.
Record layer := Layer { divisor : positive; rows : list (kind * row) }.
Record network := Network { inputs : nat; layers : list layer;
  output_divisor : positive; outputs : list row }.
(** A claim names the inputs and outputs as arrays, and makes statements about them. *)
Definition name := string.  Inductive guard := Before | After | Except.  (* i < w, i > w, i <> w *)
Inductive reference := Element (a : name) (k : nat) | ElementAt (a w : name) | ElementI (a : name)
  | Scalar (m : name) | IndexOf (w : name) | I.   (* a[k], a[w], a[i], m, w, i *)
Record affine := Affine { offset : Z; parts : list (Z * reference) }.   (* offset + sum of c r *)
Inductive relation := EQ | LE | LT.              (* an atom says: affine = 0, <= 0 or < 0 *)
Inductive shape := Linear | Unit (k : kind).     (* t, relu t or step t *)
Inductive definition := DefineArray (a : name) (n : nat) (f : shape) (d : positive) (s : affine)
  | DefineScalar (m : name) (f : shape) (d : positive) (s : affine) | DefineMax (m a : name)
  | DefineMin (m a : name) | DefineList (a : name) (l : list (positive * affine)).
Record clause := Clause { each : option nat; where_ : option (guard * name);
  any : list (list (relation * affine)) }.
Inductive condition := Less | LessEqual | Gap (p q : positive) | Tie (p q : positive).
Inductive requirement := RequireClause (c : clause)
  | RequireWinner (w a : name) (before after : condition) (lattice : option (positive * positive)).
Record array := Array { array_name : name; is_output : bool; base : nat; stride : nat;
  array_length : nat }.
Record statement := Statement { index : list (name * nat); define : list definition;
  requires : list requirement; ensures : list clause }.
Record claim := Claim { arrays : list array; statements : list statement }.
Section Meaning.  Variable K : OrderedField.
Notation "x + y" := (add K x y).  Notation "x * y" := (mul K x y).
Notation "x <= y" := (le K x y).  Notation "x < y" := (lt K x y).  Notation "0" := (zero K).
(** Integers and fractions in the field; units; the outputs of a network at inputs x. *)
Definition z : Z -> K := gen_phiZ 0 (one K) (add K) (mul K) (opp K).
Definition over (x : K) (d : positive) : K := x * inv K (z (Zpos d)).
Definition ratio p q : K := over (z (Zpos p)) q.  Definition nat_ k : K := z (Z.of_nat k).
Definition relu (x : K) : K := if leb K x 0 then 0 else x.
Definition step (x : K) : K := if leb K 0 x then one K else 0.
Definition act k := match k with Relu => relu | Step => step end.
Definition dot {A} (v : A -> K) l := fold_right (fun p s => z (snd p) * v (fst p) + s) 0 l.
Definition row_value d h r := over (z (bias r) + dot (fun j => nth (N.to_nat j) h 0) (weights r)) d.
Definition layer_value l h := map (fun r => act (fst r) (row_value (divisor l) h (snd r))) (rows l).
Definition hidden ls (x : list K) : list K := fold_left (fun h l => layer_value l h) ls x.
Definition compute n x := map (row_value (output_divisor n) (hidden (layers n) x)) (outputs n).
(** What names stand for: arrays, defined scalars, indices. *)
Record env := Env { arr : name -> list K; sca : name -> K; idx : name -> nat }.
Definition no_names := Env (fun _ => []) (fun _ => 0) (fun _ => O).
Definition update {A} (f : name -> A) (n : name) (x : A) : name -> A :=
  fun m => if String.eqb n m then x else f m.
Definition set_arr e a l := Env (update (arr e) a l) (sca e) (idx e).
Definition set_sca e m x := Env (arr e) (update (sca e) m x) (idx e).
Definition set_idx e w k := Env (arr e) (sca e) (update (idx e) w k).
Definition reference_value (e : env) (i : nat) (r : reference) : K := match r with
  | Element a k => nth k (arr e a) 0 | ElementAt a w => nth (idx e w) (arr e a) 0
  | ElementI a => nth i (arr e a) 0 | Scalar m => sca e m
  | IndexOf w => nat_ (idx e w) | I => nat_ i end.
Definition affine_value e i s : K :=
  z (offset s) + fold_right (fun p t => z (fst p) * reference_value e i (snd p) + t) 0 (parts s).
(** Definitions: e' is e with one more, or with all of them, in order. *)
Definition shaped f : K -> K := match f with Linear => fun x => x | Unit k => act k end.
Definition is_max (m : K) (l : list K) := In m l /\ forall x, In x l -> x <= m.
Definition is_min (m : K) (l : list K) := In m l /\ forall x, In x l -> m <= x.
Definition defines (e : env) (d : definition) (e' : env) : Prop := match d with
  | DefineArray a n f d s =>
      e' = set_arr e a (map (fun i => shaped f (over (affine_value e i s) d)) (seq 0 n))
  | DefineScalar m f d s => e' = set_sca e m (shaped f (over (affine_value e 0 s) d))
  | DefineList a l => e' = set_arr e a (map (fun p => over (affine_value e 0 (snd p)) (fst p)) l)
  | DefineMax m a => exists x, is_max x (arr e a) /\ e' = set_sca e m x
  | DefineMin m a => exists x, is_min x (arr e a) /\ e' = set_sca e m x end.
Fixpoint defines_all e ds e' : Prop := match ds with
  | [] => e' = e | d :: ds => exists e1, defines e d e1 /\ defines_all e1 ds e' end.
(** Clauses: some branch has only true atoms, for each i that the guard lets through. *)
Definition holds_relation r (x : K) := match r with EQ => x = 0 | LE => x <= 0 | LT => x < 0 end.
Definition guarded e i (g : option (guard * name)) := match g with None => True
  | Some (Before, w) => (i < idx e w)%nat | Some (After, w) => (idx e w < i)%nat
  | Some (Except, w) => i <> idx e w end.
Definition any_true e i (bs : list (list (relation * affine))) :=
  exists b, In b bs /\ forall a, In a b -> holds_relation (fst a) (affine_value e i (snd a)).
Definition clause_true e c := match each c with None => any_true e 0 (any c)
  | Some n => forall i, (i < n)%nat -> guarded e i (where_ c) -> any_true e i (any c) end.
(** Winners: every earlier and every later element compares with a[w] as is said. *)
Definition condition_true (c : condition) (x m : K) := match c with
  | Less => x < m | LessEqual => x <= m
  | Gap p q => x + ratio p q <= m | Tie p q => x = m \/ x + ratio p q <= m end.
Definition requirement_true e r := match r with RequireClause c => clause_true e c
  | RequireWinner w a before after lattice => let x i := nth i (arr e a) 0 in let k := idx e w in
      (forall i, (i < k)%nat -> condition_true before (x i) (x k)) /\
      (forall i, (k < i < length (arr e a))%nat -> condition_true after (x i) (x k)) /\
      match lattice with None => True
      | Some (p, q) => forall y, In y (arr e a) -> exists t, y = z t * ratio p q end end.
(** For all inputs x and all values of the indices: what is required implies what is ensured. *)
Definition array_value x y a : list K := let from := if is_output a then y else x in
  map (fun i => nth (base a + stride a * i) from 0) (seq 0 (array_length a)).
Definition initial (al : list array) (x y : list K) (ws : list (name * nat)) : env :=
  fold_left (fun e w => set_idx e (fst w) (snd w)) ws
    (fold_right (fun a e => set_arr e (array_name a) (array_value x y a)) no_names al).
Definition statement_true n al s : Prop := forall x, length x = inputs n ->
  forall ws, Forall2 (fun k w => (k < snd w)%nat) ws (index s) ->
  forall e, let e0 := initial al x (compute n x) (combine (map fst (index s)) ws) in
  defines_all e0 (define s) e ->
  Forall (requirement_true e) (requires s) -> Forall (clause_true e) (ensures s).
Definition claim_true n c : Prop := Forall (statement_true n (arrays c)) (statements c).
End Meaning.
