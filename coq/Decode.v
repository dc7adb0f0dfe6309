(** Networks, lemmas and proofs out of one primitive array of integers, which Coq loads many times
    faster than it parses lists. Written by `relumax export --format coq`. What is decoded is what
    is checked: a theorem is about the network that stands here, decoded. *)
From Coq Require Import List ZArith.
From Relumax Require Import Statement Kernel Elaborate Points.
From Coq Require Import Uint63 PArray.
Import ListNotations.

Definition reader (A : Type) := array int -> int -> A * int.
Definition return_ {A} (a : A) : reader A := fun _ at_ => (a, at_).
Definition bind {A B} (r : reader A) (f : A -> reader B) : reader B :=
  fun data at_ => let (a, at_) := r data at_ in f a data at_.
Notation "x <- r ; s" := (bind r (fun x => s)) (at level 61, r at next level, right associativity).
Definition map_ {A B} (f : A -> B) (r : reader A) : reader B := a <- r; return_ (f a).
Definition token : reader int := fun data at_ => (data.[at_], (at_ + 1)%uint63).
Definition natural : reader nat := map_ (fun t => Z.to_nat (to_Z t)) token.
Definition index_ : reader N := map_ (fun t => Z.to_N (to_Z t)) token.
Fixpoint times {A} (n : nat) (r : reader A) : reader (list A) := match n with
  | O => return_ []
  | S n => a <- r; l <- times n r; return_ (a :: l)
  end.
Definition many {A} (r : reader A) : reader (list A) := n <- natural; times n r.
Definition pair_ {A B} (r : reader A) (s : reader B) : reader (A * B) :=
  a <- r; b <- s; return_ (a, b).

(** A number: its sign in bit 0, whether it is long in bit 1, then its value or, if it is long, how
    many digits of 60 bits follow, the lowest first. *)
Definition digits_value (l : list int) : Z :=
  fold_right (fun d z => (to_Z d + 1152921504606846976 * z)%Z) 0%Z l.
Definition signed_value (t : int) (z : Z) : Z := if is_zero (t land 1) then z else (- z)%Z.
Definition number : reader Z := t <- token;
  if is_zero (t land 2) then return_ (signed_value t (to_Z (t >> 2)))
  else l <- times (Z.to_nat (to_Z (t >> 2))) token; return_ (signed_value t (digits_value l)).
Definition positive_ : reader positive := map_ Z.to_pos number.
Definition kind_ : reader kind := map_ (fun t => if is_zero t then Relu else Step) token.
Definition sparse : reader terms := many (pair_ index_ number).

(** * Networks and points *)

Definition row_ : reader row := b <- number; w <- sparse; return_ (Row b w).
Definition layer_ : reader layer :=
  d <- positive_; rs <- many (pair_ kind_ row_); return_ (Layer d rs).
Definition network_ : reader network :=
  n <- natural; ls <- many layer_; d <- positive_; rs <- many row_; return_ (Network n ls d rs).
Definition point_ : reader point :=
  ws <- many natural; d <- positive_; xs <- many number; return_ (Point ws d xs).

(** * Lemmas and proofs *)

Definition form_ : reader form :=
  d <- positive_; c <- number; ts <- sparse; return_ (Form d c ts).
Definition relation_ : reader relation := map_ (fun t =>
  if is_zero t then EQ else if (t =? 1)%uint63 then LE else LT) token.
Definition atom_ : reader atom :=
  r <- relation_; c <- number; ts <- sparse; return_ (Atom r c ts).
Definition fact_ : reader fact := t <- token;
  if is_zero t then map_ FAtom atom_
  else if (t =? 1)%uint63 then map_ FClause (many (many atom_))
  else h <- form_; l <- many form_; return_ (FMax h l).
Definition argument_ : reader argument := t <- token;
  if is_zero t then map_ AVariable index_
  else if (t =? 1)%uint63 then map_ AHead index_
  else if (t =? 2)%uint63 then map_ AUnit index_
  else map_ AForm form_.
Definition weighted : reader (list (N * Z)) := many (pair_ index_ number).
Definition step_ : reader proof_step := t <- natural;
  match t with
  | 0 => map_ Leaf_ weighted
  | 1 => map_ Split index_
  | 2 => map_ Combine weighted
  | 3 => return_ Goal_
  | 4 => map_ Have fact_
  | 5 => n <- index_; vs <- many argument_; ks <- many index_; return_ (Instance_ n vs ks)
  | 6 => k <- natural; match k with
      | 0 => map_ (DefineUnit Relu) form_
      | 1 => map_ (DefineUnit Step) form_
      | _ => map_ DefineLargest (many form_) end
  | 7 => t <- index_; i <- index_; return_ (Pick t i)
  | 8 => f <- index_; g <- index_; low <- index_; return_ (Merge f g low)
  | _ => map_ Elim index_
  end%nat.
Definition lemma_ : reader lemma_proof :=
  n <- index_; us <- many (pair_ kind_ form_); g <- many fact_; t <- many fact_;
  p <- many step_; return_ (LemmaProof (Lemma_ n us g t) p).

Definition decoded {A} (r : reader A) (data : array int) : A := fst (r data 0%uint63).
