(** Networks and claims as canonical JSON, so that the reader of a file need not be trusted: the
    checker prints what it has checked, and compares that with the bytes of the file. *)
From Coq Require Import String List ZArith Bool DecimalString.
Import ListNotations.
From Relumax Require Import Statement.
Open Scope string_scope.

(** A printer writes before what comes after. *)
Definition printer := string -> string.
Definition text (s : string) : printer := fun rest => s ++ rest.
Definition both (p q : printer) : printer := fun rest => p (q rest).
Infix "+++" := both (at level 60, right associativity).
Fixpoint separated (l : list printer) : printer := match l with
  | [] => fun rest => rest
  | [p] => p
  | p :: l => p +++ text "," +++ separated l
  end.
Definition list_ (l : list printer) : printer := text "[" +++ separated l +++ text "]".
Definition quoted (s : string) : printer := text """" +++ text s +++ text """".
Definition field (p : string * printer) : printer := quoted (fst p) +++ text ":" +++ snd p.
Definition object (l : list (string * printer)) : printer :=
  text "{" +++ separated (map field l) +++ text "}".

(** From 2^53 on a number is a string. *)
Definition digits (z : Z) : string := NilZero.string_of_int (Z.to_int z).
Definition number (z : Z) : printer :=
  if (Z.abs z <? 2 ^ 53)%Z then text (digits z) else quoted (digits z).
Definition natural (n : nat) : printer := text (digits (Z.of_nat n)).
Definition index_ (n : N) : printer := text (digits (Z.of_N n)).
Definition positive_ (p : positive) : printer := number (Zpos p).
Definition optional {A} (f : A -> printer) (o : option A) : printer :=
  match o with Some a => f a | None => text "null" end.

(** * Networks *)

Definition row_ (r : row) : printer :=
  list_ (number (bias r) :: flat_map (fun p => [index_ (fst p); number (snd p)]) (weights r)).
Fixpoint step_units (i : nat) (l : list (kind * row)) : list printer := match l with
  | [] => []
  | (Step, _) :: l => natural i :: step_units (S i) l
  | (Relu, _) :: l => step_units (S i) l
  end.
Definition layer_ (l : layer) : printer := object [
  ("den", positive_ (divisor l)); ("rows", list_ (map (fun r => row_ (snd r)) (rows l)));
  ("step", list_ (step_units 0 (rows l)))].
Definition network_ (n : network) : printer := object [
  ("inputs", natural (inputs n)); ("layers", list_ (map layer_ (layers n)));
  ("output", object [
    ("den", positive_ (output_divisor n)); ("rows", list_ (map row_ (outputs n)))])].
Definition network_text (n : network) : string := network_ n "".

(** * Claims *)

Definition reference_ (r : reference) : printer := text """" +++ match r with
  | Element a k => text a +++ text "[" +++ natural k +++ text "]"
  | ElementAt a w => text a +++ text "[" +++ text w +++ text "]"
  | ElementI a => text a +++ text "[i]"
  | Scalar m => text m
  | IndexOf w => text w
  | I => text "i"
  end +++ text """".
Definition sum_ (s : affine) : list printer :=
  number (offset s) :: flat_map (fun p => [number (fst p); reference_ (snd p)]) (parts s).
Definition form_ (d : positive) (s : affine) : printer := list_ (positive_ d :: sum_ s).
Definition shape_ (f : shape) : printer :=
  quoted match f with Linear => "form" | Unit Relu => "relu" | Unit Step => "step" end.
Definition definition_ (d : definition) : printer := object match d with
  | DefineArray a n f d s =>
      [("form", form_ d s); ("kind", shape_ f); ("length", natural n); ("name", quoted a)]
  | DefineScalar m f d s =>
      [("form", form_ d s); ("kind", shape_ f); ("length", text "null"); ("name", quoted m)]
  | DefineList a l => [("forms", list_ (map (fun p => form_ (fst p) (snd p)) l));
      ("kind", quoted "list"); ("name", quoted a)]
  | DefineMax m a => [("kind", quoted "max"); ("name", quoted m); ("of", quoted a)]
  | DefineMin m a => [("kind", quoted "min"); ("name", quoted m); ("of", quoted a)]
  end.
Definition atom_ (a : relation * affine) : printer := list_ (
  quoted match fst a with EQ => "=" | LE => "<=" | LT => "<" end :: sum_ (snd a)).
Definition guard_ (g : guard * name) : printer := list_ [
  quoted match fst g with Before => "before" | After => "after" | Except => "except" end;
  quoted (snd g)].
Definition clause_ (c : clause) : printer := object [
  ("any", list_ (map (fun b => list_ (map atom_ b)) (any c)));
  ("each", optional natural (each c)); ("where", optional guard_ (where_ c))].
Definition condition_ (c : condition) : printer := list_ match c with
  | Less => [quoted "<"]
  | LessEqual => [quoted "<="]
  | Gap p q => [quoted "gap"; positive_ p; positive_ q]
  | Tie p q => [quoted "tie"; positive_ p; positive_ q]
  end.
Definition ratio_ (r : positive * positive) : printer :=
  list_ [positive_ (fst r); positive_ (snd r)].
Definition requirement_ (r : requirement) : printer := match r with
  | RequireClause c => clause_ c
  | RequireWinner w a before after lattice => object [
      ("after", condition_ after); ("before", condition_ before);
      ("lattice", optional ratio_ lattice); ("of", quoted a); ("winner", quoted w)]
  end.
Definition statement_ (s : statement) : printer := object [
  ("define", list_ (map definition_ (define s))); ("ensures", list_ (map clause_ (ensures s)));
  ("index", list_ (map (fun w => list_ [quoted (fst w); natural (snd w)]) (index s)));
  ("requires", list_ (map requirement_ (requires s)))].
Definition array_ (a : array) : printer := object [
  ("base", natural (base a)); ("length", natural (array_length a));
  ("name", quoted (array_name a)); ("of", quoted (if is_output a then "out" else "in"));
  ("stride", natural (stride a))].
Definition claim_ (c : claim) : printer := object [
  ("arrays", list_ (map array_ (arrays c))); ("statements", list_ (map statement_ (statements c)))].
Definition claim_text (c : claim) : string := claim_ c "".
