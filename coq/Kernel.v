(** The checker: forms, facts, the ten rules. Computation only; FORMAT.md, sections 1, 4 and 5. *)
From Coq Require Import List ZArith Bool FMapPositive.
Import ListNotations.
From Relumax Require Import Statement.
Module PM := PositiveMap.
Open Scope Z_scope.

(** Terms: variables strictly increasing, coefficients other than 0. *)
Definition terms := list (N * Z).
(** (const + sum of lin) / den, and: cst + sum of summands = 0, <= 0 or < 0. *)
Record form := Form { den : positive; const : Z; lin : terms }.
Record atom := Atom { rel : relation; cst : Z; summands : terms }.
Inductive fact :=
  | FAtom (a : atom)
  | FClause (bs : list (list atom))       (* some branch has only true atoms *)
  | FMax (head : form) (of : list form).  (* the head is the largest of the forms *)

(** * Forms and atoms *)

Definition cons_nonzero i (c : Z) (ts : terms) := if c =? 0 then ts else (i, c) :: ts.
Definition scale (a : Z) (ts : terms) : terms :=
  if a =? 1 then ts else map (fun p => (fst p, a * snd p)) ts.

(** a ts + b us *)
Fixpoint combine_terms (a b : Z) (ts us : terms) {struct ts} : terms := match ts with
  | [] => scale b us
  | (i, c) :: ts' => (fix go us := match us with
      | [] => scale a ts
      | (j, d) :: us' => match N.compare i j with
          | Datatypes.Lt => (i, a * c) :: combine_terms a b ts' us
          | Datatypes.Gt => (j, b * d) :: go us'
          | Datatypes.Eq => cons_nonzero i (a * c + b * d) (combine_terms a b ts' us')
          end
      end) us
  end.

(** The greatest common divisor of g and all coefficients, and all coefficients divided by one. *)
Fixpoint gcd_terms (g : Z) (ts : terms) : Z := match ts with
  | [] => g
  | (_, c) :: ts => if g =? 1 then 1 else gcd_terms (Z.gcd g c) ts
  end.
Definition divide_terms (g : Z) (ts : terms) : terms := map (fun p => (fst p, snd p / g)) ts.

(** Reduced forms and atoms: what is made is brought into this shape. *)
Definition make_form (d : positive) (c : Z) (ts : terms) : form := match d with
  | xH => Form d c ts
  | _ => let g := gcd_terms (Z.gcd (Zpos d) c) ts in
      if g =? 1 then Form d c ts else Form (Z.to_pos (Zpos d / g)) (c / g) (divide_terms g ts)
  end.
Definition first_sign (c : Z) (ts : terms) : Z := match ts with (_, e) :: _ => e | [] => c end.
Definition make_atom (r : relation) (c : Z) (ts : terms) : atom :=
  let g := gcd_terms (Z.abs c) ts in
  let g := match r with EQ => if first_sign c ts <? 0 then - g else g | _ => g end in
  if (g =? 0) || (g =? 1) then Atom r c ts else Atom r (c / g) (divide_terms g ts).

(** The form that is just a variable; the atom x - y (relation) 0. *)
Definition variable (v : N) : form := Form 1 0 [(v, 1)].
Definition difference (x y : form) (r : relation) : atom :=
  make_atom r (const x * Zpos (den y) - const y * Zpos (den x))
    (combine_terms (Zpos (den y)) (- Zpos (den x)) (lin x) (lin y)).

(** Substitution of forms for variables: a denominator, a constant and terms over it. *)
Definition substitution := PM.t form.
Definition subst_term (m : substitution) (p : N * Z) (acc : option (positive * Z * terms)) :=
  match acc, PM.find (N.succ_pos (fst p)) m with
  | Some (D, C, T), Some (Form d k u) =>
      let w := snd p * Zpos D in
      match d with
      | xH => Some (D, C + w * k, combine_terms 1 w T u)
      | _ => Some (Pos.mul D d, C * Zpos d + w * k, combine_terms (Zpos d) w T u)
      end
  | _, _ => None
  end.
Definition subst_terms (m : substitution) (c : Z) (ts : terms) : option (positive * Z * terms) :=
  fold_right (subst_term m) (Some (xH, c, [])) ts.
Definition subst_form (m : substitution) (f : form) : option form :=
  match subst_terms m (const f) (lin f) with
  | Some (D, C, T) => Some (make_form (Pos.mul (den f) D) C T)
  | None => None
  end.
Definition subst_atom (m : substitution) (a : atom) : option atom :=
  match subst_terms m (cst a) (summands a) with
  | Some (_, C, T) => Some (make_atom (rel a) C T)
  | None => None
  end.
Fixpoint map_option {A B} (f : A -> option B) (l : list A) : option (list B) := match l with
  | [] => Some []
  | x :: l => match f x, map_option f l with Some y, Some l => Some (y :: l) | _, _ => None end
  end.
Definition subst_fact (m : substitution) (f : fact) : option fact := match f with
  | FAtom a => option_map FAtom (subst_atom m a)
  | FClause bs => option_map FClause (map_option (map_option (subst_atom m)) bs)
  | FMax h l => match subst_form m h, map_option (subst_form m) l with
      | Some h, Some l => Some (FMax h l) | _, _ => None end
  end.

(** * Equality, and what may stand in a file: reduced, over variables below n *)

Definition relation_eqb a b := match a, b with EQ, EQ | LE, LE | LT, LT => true | _, _ => false end.
Definition kind_eqb a b := match a, b with Relu, Relu | Step, Step => true | _, _ => false end.
Fixpoint list_eqb {A} (f : A -> A -> bool) (l m : list A) : bool := match l, m with
  | [], [] => true
  | x :: l, y :: m => f x y && list_eqb f l m
  | _, _ => false
  end.
Definition terms_eqb : terms -> terms -> bool :=
  list_eqb (fun p q => (fst p =? fst q)%N && (snd p =? snd q)).
Definition form_eqb f g :=
  Pos.eqb (den f) (den g) && (const f =? const g) && terms_eqb (lin f) (lin g).
Definition atom_eqb a b :=
  relation_eqb (rel a) (rel b) && (cst a =? cst b) && terms_eqb (summands a) (summands b).
Definition fact_eqb f g := match f, g with
  | FAtom a, FAtom b => atom_eqb a b
  | FClause a, FClause b => list_eqb (list_eqb atom_eqb) a b
  | FMax h l, FMax k m => form_eqb h k && list_eqb form_eqb l m
  | _, _ => false
  end.
Fixpoint good_terms (low n : N) (ts : terms) : bool := match ts with
  | [] => true
  | (i, c) :: ts => (low <=? i)%N && (i <? n)%N && negb (c =? 0) && good_terms (i + 1) n ts
  end.
Definition good_form n f :=
  good_terms 0 n (lin f) && form_eqb f (make_form (den f) (const f) (lin f)).
Definition good_atom n a :=
  good_terms 0 n (summands a) && atom_eqb a (make_atom (rel a) (cst a) (summands a)).
Definition nonempty {A} (l : list A) := match l with [] => false | _ => true end.
Definition good_branch n b := nonempty b && forallb (good_atom n) b.
Definition good_fact n f := match f with
  | FAtom a => good_atom n a
  | FClause bs => match bs with [] | [_] => false | _ => forallb (good_branch n) bs end
  | FMax h l => good_form n h && nonempty l && forallb (good_form n) l
  end.

(** * Facts made from facts *)

Definition make_clause (bs : list (list atom)) : fact :=
  match bs with [[a]] => FAtom a | _ => FClause bs end.
Definition opposite_terms (ts : terms) := map (fun p => (fst p, - snd p)) ts.
(** That an inequality is false; that an atom is false; facts that together say that a fact is. *)
Definition negated (a : atom) : atom :=
  make_atom (match rel a with LE => LT | _ => LE end) (- cst a) (opposite_terms (summands a)).
Definition negated_atom (a : atom) : list (list atom) := match rel a with
  | EQ => [[make_atom LT (cst a) (summands a)];
           [make_atom LT (- cst a) (opposite_terms (summands a))]]
  | _ => [[negated a]]
  end.
Definition negation (f : fact) : list fact := match f with
  | FAtom a => [make_clause (negated_atom a)]
  | FClause bs => map (fun b => make_clause (flat_map negated_atom b)) bs
  | FMax h l => [make_clause (map (fun s => [difference h s LT]) l
                              ++ [map (fun s => difference s h LT) l])]
  end.
(** The clause of a unit: off or on. *)
Definition unit_clause (k : kind) (t : form) (v : N) : fact := match k with
  | Relu => let off := make_atom LE (const t) (lin t) in
      FClause [[off; Atom EQ 0 [(v, 1)]]; [negated off; difference (variable v) t EQ]]
  | Step => let off := make_atom LT (const t) (lin t) in
      FClause [[off; Atom EQ 0 [(v, 1)]]; [negated off; Atom EQ (-1) [(v, 1)]]]
  end.

(** * The branch: numbered facts, variables, the units among them *)

Record branch := Branch
  { fact_count : N; facts : PM.t fact; variables : N; units : PM.t (kind * form) }.
Definition empty_branch (n : N) : branch := Branch 0 (PM.empty _) n (PM.empty _).
Definition get (E : branch) (k : N) : option fact := PM.find (N.succ_pos k) (facts E).
Definition get_unit (E : branch) (v : N) : option (kind * form) := PM.find (N.succ_pos v) (units E).
Definition push (E : branch) (f : fact) : branch :=
  let k := fact_count E in
  Branch (k + 1) (PM.add (N.succ_pos k) f (facts E)) (variables E) (units E).
Definition push_all (E : branch) (fs : list fact) : branch := fold_left push fs E.
(** A clause with one branch is one fact for each of its atoms. *)
Definition add_fact (E : branch) (f : fact) : branch :=
  match f with FClause [b] => push_all E (map FAtom b) | _ => push E f end.
Definition new_variable (E : branch) : branch :=
  Branch (fact_count E) (facts E) (variables E + 1) (units E).
Definition add_unit (E : branch) (k : kind) (f : form) : branch :=
  let v := variables E in
  push (Branch (fact_count E) (facts E) (v + 1) (PM.add (N.succ_pos v) (k, f) (units E)))
    (unit_clause k f v).

(** * The rules *)

Record lemma := Lemma_
  { lemma_variables : N; lemma_units : list (kind * form); given : list fact; then_ : list fact }.
Inductive argument := AVariable (v : N) | AHead (f : N) | AUnit (v : N) | AForm (f : form).
Inductive proof_step :=
  | Leaf_ (l : list (N * Z))
  | Split (f : N)
  | Combine (l : list (N * Z))
  | Goal_
  | Have (f : fact)
  | Instance_ (n : N) (values : list argument) (hypotheses : list N)
  | DefineUnit (k : kind) (f : form)
  | DefineLargest (fs : list form)
  | Pick (t i : N)
  | Merge (f g low : N)
  | Elim (f : N).

(** The sum of atoms with multipliers: all equalities, some strict, constant, terms. *)
Fixpoint weighted_sum (E : branch) (l : list (N * Z)) : option (relation * Z * terms) :=
  match l with
  | [] => Some (EQ, 0, [])
  | (k, m) :: l => match get E k, weighted_sum E l with
      | Some (FAtom a), Some (r, c, ts) =>
          if match rel a with EQ => negb (m =? 0) | _ => 0 <? m end
          then Some (match rel a, r with LT, _ | _, LT => LT | EQ, EQ => EQ | _, _ => LE end,
                     m * cst a + c, combine_terms m 1 (summands a) ts)
          else None
      | _, _ => None
      end
  end.
Definition leaf (E : branch) (l : list (N * Z)) : bool := match weighted_sum E l with
  | Some (r, c, []) =>
      nonempty l && ((0 <? c) || ((c =? 0) && match r with LT => true | _ => false end))
  | _ => false
  end.
Definition combination (E : branch) (l : list (N * Z)) : option branch :=
  match weighted_sum E l with
  | Some (r, c, ts) => if nonempty l then Some (push E (FAtom (make_atom r c ts))) else None
  | None => None
  end.

(** Instance: forms for the lemma's variables, then variables here that are its units. *)
Definition argument_form (E : branch) (a : argument) : option form := match a with
  | AVariable v => if (v <? variables E)%N then Some (variable v) else None
  | AHead f => match get E f with Some (FMax h _) => Some h | _ => None end
  | AUnit v => option_map snd (get_unit E v)
  | AForm f => if good_form (variables E) f then Some f else None
  end.
Fixpoint instance_arguments E (i : N) (l : list argument) (m : substitution)
    : option substitution := match l with
  | [] => Some m
  | a :: l => match argument_form E a with
      | Some f => instance_arguments E (i + 1) l (PM.add (N.succ_pos i) f m)
      | None => None
      end
  end.
Definition same_unit E (m : substitution) (u : kind * form) (v : N) : bool :=
  match get_unit E v, subst_form m (snd u) with
  | Some (k, f), Some g => kind_eqb (fst u) k && form_eqb g f
  | _, _ => false
  end.
(** The next unit's variable: the next named one, or the one that follows [last]. *)
Definition next_named (named : list argument) (last : option N) : option (N * list argument) :=
  match named, last with
  | AVariable v :: named, _ => Some (v, named)
  | [], Some v => Some (v + 1, [])%N
  | _, _ => None
  end.
Fixpoint instance_units E (i : N) (l : list (kind * form)) (named : list argument)
    (last : option N) (m : substitution) : option substitution := match l with
  | [] => if nonempty named then None else Some m
  | u :: l => match next_named named last with
      | Some (v, named) => if same_unit E m u v
          then instance_units E (i + 1) l named (Some v) (PM.add (N.succ_pos i) (variable v) m)
          else None
      | None => None
      end
  end.
Fixpoint instance_given E (m : substitution) (l : list fact) (ks : list N) : bool :=
  match l, ks with
  | [], [] => true
  | f :: l, k :: ks => match get E k, subst_fact m f with
      | Some g, Some h => fact_eqb g h && instance_given E m l ks
      | _, _ => false
      end
  | _, _ => false
  end.
Definition instance (lemmas : list lemma) (E : branch) (n : N) (values : list argument)
    (ks : list N) : option branch :=
  match nth_error lemmas (N.to_nat n) with None => None | Some L =>
  let count := N.to_nat (lemma_variables L) in
  let arguments := firstn count values in
  if negb (N.of_nat (List.length arguments) =? lemma_variables L)%N then None else
  match instance_arguments E 0 arguments (PM.empty _) with None => None | Some m =>
  match instance_units E (lemma_variables L) (lemma_units L) (skipn count values) None m with
  | None => None
  | Some m =>
      if instance_given E m (given L) ks
      then option_map (fun fs => fold_left add_fact fs E) (map_option (subst_fact m) (then_ L))
      else None
  end end end.

(** Marked forms, by their last variable. *)
Definition marks := PM.t (list form).
Definition mark_key (f : form) : positive :=
  N.succ_pos (fold_left (fun _ p => fst p) (lin f) 0%N).
Definition marked_at (m : marks) (f : form) : list form :=
  match PM.find (mark_key f) m with Some l => l | None => [] end.
Definition marked (m : marks) (f : form) : bool := existsb (form_eqb f) (marked_at m f).
Definition mark (m : marks) (f : form) : marks :=
  if marked m f then m else PM.add (mark_key f) (f :: marked_at m f) m.
Definition unmark (m : marks) (f : form) : marks :=
  PM.add (mark_key f) (filter (fun x => negb (form_eqb f x)) (marked_at m f)) m.
Definition mark_all (l : list form) (m : marks) : marks := fold_left mark l m.
Definition all_marked (m : marks) : list form := flat_map snd (PM.elements m).
(** Down from fact f - 1, k facts: a max fact whose head is marked puts its children there. *)
Fixpoint open_marks E (k : nat) (f : N) (m : marks) : marks := match k with
  | O => m
  | S k => let f := (f - 1)%N in
      open_marks E k f match get E f with
        | Some (FMax h ss) => if marked m h then mark_all ss (unmark m h) else m
        | _ => m
        end
  end.
Definition merge (E : branch) (f g low : N) : option branch := match get E f, get E g with
  | Some (FMax h ss), Some (FMax h' ss') =>
      let m := open_marks E (N.to_nat (f - low)) f (mark_all ss (PM.empty _)) in
      let m' := mark_all ss' (PM.empty _) in
      if (low <=? f)%N && forallb (marked m') (all_marked m) && forallb (marked m) ss'
      then Some (push E (FAtom (difference h h' EQ))) else None
  | _, _ => None
  end.
Definition elim (E : branch) (f : N) : option branch := match get E f with
  | Some (FMax h ss) => Some (add_fact (push_all E (map (fun s => FAtom (difference s h LE)) ss))
                                (make_clause (map (fun s => [difference h s EQ]) ss)))
  | _ => None
  end.

(** * A proof: steps in prefix order; what is left of them when the goals are proved *)

Section Run.
Variable lemmas : list lemma.
Variable pick : N -> N -> option fact.
Fixpoint each_branch {A} (go : A -> list proof_step -> option (list proof_step)) (bs : list A)
    (l : list proof_step) : option (list proof_step) := match bs with
  | [] => Some l
  | b :: bs => match go b l with Some l => each_branch go bs l | None => None end
  end.
Fixpoint run (k : nat) (l : list proof_step) (E : branch) (goals : list fact)
    : option (list proof_step) := match k, l with
  | S k, s :: l =>
      let more o := match o with Some E => run k l E goals | None => None end in
      match s with
      | Leaf_ ms => if leaf E ms then Some l else None
      | Split f => match get E f with
          | Some (FClause bs) =>
              each_branch (fun b l => run k l (push_all E (map FAtom b)) goals) bs l
          | _ => None
          end
      | Combine ms => more (combination E ms)
      | Goal_ => each_branch (fun g l => run k l (fold_left add_fact (negation g) E) goals) goals l
      | Have f => if good_fact (variables E) f
          then match run k l E [f] with Some l => run k l (add_fact E f) goals | None => None end
          else None
      | Instance_ n values ks => more (instance lemmas E n values ks)
      | DefineUnit kd f =>
          more (if good_form (variables E) f then Some (add_unit E kd f) else None)
      | DefineLargest fs =>
          more (if nonempty fs && forallb (good_form (variables E)) fs
                then Some (new_variable (push E (FMax (variable (variables E)) fs))) else None)
      | Pick t i => more (option_map (add_fact E) (pick t i))
      | Merge f g low => more (merge E f g low)
      | Elim f => more (elim E f)
      end
  | _, _ => None
  end.
Definition proves (l : list proof_step) (E : branch) (goals : list fact) : bool :=
  match run (S (List.length l)) l E goals with Some [] => true | _ => false end.
End Run.

(** * Lemmas, each proved with those before it *)

Record lemma_proof := LemmaProof { the_lemma : lemma; steps : list proof_step }.
Fixpoint add_units (E : branch) (l : list (kind * form)) : option branch := match l with
  | [] => Some E
  | (k, f) :: l => if good_form (variables E) f then add_units (add_unit E k f) l else None
  end.
Definition check_lemma (lemmas : list lemma) (L : lemma) (p : list proof_step) : bool :=
  match add_units (empty_branch (lemma_variables L)) (lemma_units L) with
  | Some E => forallb (good_fact (variables E)) (given L ++ then_ L) && nonempty (then_ L) &&
      proves lemmas (fun _ _ => None) p (fold_left add_fact (given L) E) (then_ L)
  | None => false
  end.
Fixpoint check_lemmas (done : list lemma) (ls : list lemma_proof) : option (list lemma) :=
  match ls with
  | [] => Some done
  | LemmaProof L p :: ls =>
      if check_lemma done L p then check_lemmas (done ++ [L]) ls else None
  end.
