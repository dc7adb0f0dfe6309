(** Networks and claims as canonical JSON, so that the reader of a file need not be trusted: the
    checker prints what it has checked, and compares that with the bytes of the file. *)
From Coq Require Import Ascii String List ZArith Bool DecimalString.
Import ListNotations.
From Relumax Require Import Statement.
Open Scope string_scope.

(** * JSON: words (digits, null), strings, lists, objects whose keys are in order *)

Inductive json := Word (s : string) | Quoted (s : string) | Items (l : list json)
  | Object (l : list (string * json)).

(** The text of a value, before what comes after it. *)
Fixpoint separated (l : list (string -> string)) (rest : string) : string := match l with
  | [] => rest
  | [p] => p rest
  | p :: l => p (String ","%char (separated l rest))
  end.
Definition in_quotes (s rest : string) : string := String """"%char (s ++ String """"%char rest).
Fixpoint print (v : json) : string -> string := match v with
  | Word s => fun rest => s ++ rest
  | Quoted s => in_quotes s
  | Items l => fun rest => String "["%char (separated (map print l) (String "]"%char rest))
  | Object l => fun rest => String "{"%char (separated
      (map (fun p rest => in_quotes (fst p) (String ":"%char (print (snd p) rest))) l)
      (String "}"%char rest))
  end.

(** From 2^53 on a number is a string. *)
Definition digits (z : Z) : string := NilZero.string_of_int (Z.to_int z).
Definition number (z : Z) : json :=
  if (Z.abs z <? 2 ^ 53)%Z then Word (digits z) else Quoted (digits z).
Definition natural (n : nat) : json := Word (digits (Z.of_nat n)).
Definition index_ (n : N) : json := Word (digits (Z.of_N n)).
Definition positive_ (p : positive) : json := number (Zpos p).
Definition optional {A} (f : A -> json) (o : option A) : json :=
  match o with Some a => f a | None => Word "null" end.

(** * Networks *)

Definition weight_ (p : N * Z) : list json := [index_ (fst p); number (snd p)].
Definition row_ (r : row) : json :=
  Items (number (bias r) :: flat_map weight_ (weights r)).
Fixpoint step_units (i : nat) (l : list (kind * row)) : list json := match l with
  | [] => []
  | (Step, _) :: l => natural i :: step_units (S i) l
  | (Relu, _) :: l => step_units (S i) l
  end.
Definition layer_ (l : layer) : json := Object [
  ("den", positive_ (divisor l)); ("rows", Items (map (fun r => row_ (snd r)) (rows l)));
  ("step", Items (step_units 0 (rows l)))].
Definition network_ (n : network) : json := Object [
  ("inputs", natural (inputs n)); ("layers", Items (map layer_ (layers n)));
  ("output", Object [
    ("den", positive_ (output_divisor n)); ("rows", Items (map row_ (outputs n)))])].
Definition network_text (n : network) : string := print (network_ n) "".

(** * Claims *)

Definition reference_text (r : reference) : string := match r with
  | Element a k => a ++ "[" ++ digits (Z.of_nat k) ++ "]"
  | ElementAt a w => a ++ "[" ++ w ++ "]"
  | ElementI a => a ++ "[i]"
  | Scalar m => m
  | IndexOf w => w
  | I => "i"
  end.
Definition part_ (p : Z * reference) : list json :=
  [number (fst p); Quoted (reference_text (snd p))].
Definition sum_ (s : affine) : list json := number (offset s) :: flat_map part_ (parts s).
Definition form_ (d : positive) (s : affine) : json := Items (positive_ d :: sum_ s).
Definition shape_ (f : shape) : json :=
  Quoted match f with Linear => "form" | Unit Relu => "relu" | Unit Step => "step" end.
Definition definition_ (d : definition) : json := Object match d with
  | DefineArray a n f d s =>
      [("form", form_ d s); ("kind", shape_ f); ("length", natural n); ("name", Quoted a)]
  | DefineScalar m f d s =>
      [("form", form_ d s); ("kind", shape_ f); ("length", Word "null"); ("name", Quoted m)]
  | DefineList a l => [("forms", Items (map (fun p => form_ (fst p) (snd p)) l));
      ("kind", Quoted "list"); ("name", Quoted a)]
  | DefineMax m a => [("kind", Quoted "max"); ("name", Quoted m); ("of", Quoted a)]
  | DefineMin m a => [("kind", Quoted "min"); ("name", Quoted m); ("of", Quoted a)]
  end.
Definition atom_ (a : relation * affine) : json := Items (
  Quoted match fst a with EQ => "=" | LE => "<=" | LT => "<" end :: sum_ (snd a)).
Definition guard_ (g : guard * name) : json := Items [
  Quoted match fst g with Before => "before" | After => "after" | Except => "except" end;
  Quoted (snd g)].
Definition clause_ (c : clause) : json := Object [
  ("any", Items (map (fun b => Items (map atom_ b)) (any c)));
  ("each", optional natural (each c)); ("where", optional guard_ (where_ c))].
Definition condition_ (c : condition) : json := Items match c with
  | Less => [Quoted "<"]
  | LessEqual => [Quoted "<="]
  | Gap p q => [Quoted "gap"; positive_ p; positive_ q]
  | Tie p q => [Quoted "tie"; positive_ p; positive_ q]
  end.
Definition ratio_ (r : positive * positive) : json :=
  Items [positive_ (fst r); positive_ (snd r)].
Definition requirement_ (r : requirement) : json := match r with
  | RequireClause c => clause_ c
  | RequireWinner w a before after lattice => Object [
      ("after", condition_ after); ("before", condition_ before);
      ("lattice", optional ratio_ lattice); ("of", Quoted a); ("winner", Quoted w)]
  end.
Definition statement_ (s : statement) : json := Object [
  ("define", Items (map definition_ (define s))); ("ensures", Items (map clause_ (ensures s)));
  ("index", Items (map (fun w => Items [Quoted (fst w); natural (snd w)]) (index s)));
  ("requires", Items (map requirement_ (requires s)))].
Definition array_ (a : array) : json := Object [
  ("base", natural (base a)); ("length", natural (array_length a));
  ("name", Quoted (array_name a)); ("of", Quoted (if is_output a then "out" else "in"));
  ("stride", natural (stride a))].
Definition claim_ (c : claim) : json := Object [
  ("arrays", Items (map array_ (arrays c))); ("statements", Items (map statement_ (statements c)))].
Definition claim_text (c : claim) : string := print (claim_ c) "".
