(** From a network and a claim to contexts: variables, facts, goals. Computation only; FORMAT.md,
    sections 2 to 4. *)
From Coq Require Import String List ZArith Bool.
Import ListNotations.
From Relumax Require Import Statement Kernel.
Open Scope Z_scope.

Definition fold_option {A B} (f : B -> A -> option B) (l : list A) (b : B) : option B :=
  fold_left (fun o x => match o with Some b => f b x | None => None end) l (Some b).

(** * The network *)

(** Variables that follow one another: those of the inputs, of a layer, of the outputs. *)
Record range := Range { first : N; count : N }.

Definition row_term (from : range) (p : N * Z) : option (N * Z) :=
  if (fst p <? count from)%N then Some (first from + fst p, snd p)%N else None.
Definition row_form (d : positive) (from : range) (r : row) : option form :=
  option_map (make_form d (bias r)) (map_option (row_term from) (weights r)).
(** The variable that a form defines: an equality. *)
Definition add_equality (E : branch) (f : form) : branch :=
  push (new_variable E) (FAtom (difference (variable (variables E)) f EQ)).
Definition add_shape (s : shape) (E : branch) (t : form) : branch :=
  match s with Linear => add_equality E t | Unit k => add_unit E k t end.
Definition add_row (d : positive) (from : range) (E : branch) (r : shape * row) : option branch :=
  match row_form d from (snd r) with
  | Some f => if good_form (variables E) f then Some (add_shape (fst r) E f) else None
  | None => None
  end.
(** A layer's rows, and the range of their variables. *)
Definition add_rows (d : positive) (s : branch * range) (l : list (shape * row))
    : option (branch * range) := let (E, from) := s in
  option_map (fun E' => (E', Range (variables E) (N.of_nat (List.length l))))
    (fold_option (add_row d from) l E).
Definition unit_row (r : kind * row) : shape * row := (Unit (fst r), snd r).
Definition add_layer (s : branch * range) (l : layer) : option (branch * range) :=
  add_rows (divisor l) s (map unit_row (rows l)).
Definition input_range (n : network) : range := Range 0 (N.of_nat (inputs n)).
Definition add_network (n : network) : option (branch * range) :=
  match fold_option add_layer (layers n) (empty_branch (N.of_nat (inputs n)), input_range n) with
  | Some s => add_rows (output_divisor n) s (map (fun r => (Linear, r)) (outputs n))
  | None => None
  end.

(** * Names and references *)

(** An array: element i, for i < size, is variable start + gap i. *)
Record place := Place { of_output : bool; start : N; gap : N; size : nat }.
Definition element_variable (a : place) (i : nat) : option N :=
  if Nat.ltb i (size a) then Some (start a + gap a * N.of_nat i)%N else None.
Definition element_variables (a : place) : list N :=
  map (fun i => (start a + gap a * N.of_nat i)%N) (seq 0 (size a)).
(** What is known by name: arrays; scalars; indices with their number of values; a[w]. *)
Record scope := Scope { places : list (name * place); scalars : list (name * N);
  indices : list (name * (nat * N)); reads : list ((name * name) * N) }.
Fixpoint assoc {B} (n : name) (l : list (name * B)) : option B := match l with
  | [] => None
  | (m, b) :: l => if String.eqb n m then Some b else assoc n l
  end.
Fixpoint assoc2 (a w : name) (l : list ((name * name) * N)) : option N := match l with
  | [] => None
  | ((b, u), v) :: l => if String.eqb a b && String.eqb w u then Some v else assoc2 a w l
  end.
Definition unknown {B} (n : name) (l : list (name * B)) :=
  match assoc n l with None => true | _ => false end.
Definition fresh (sc : scope) n :=
  unknown n (places sc) && unknown n (scalars sc) && unknown n (indices sc).
(** The array of a name; an output only where [out] allows it. *)
Definition find_place sc (out : bool) a : option place := match assoc a (places sc) with
  | Some p => if of_output p && negb out then None else Some p
  | None => None
  end.
(** The variable of a reference at i (None: i itself), under `each` ea. *)
Definition reference_variable sc (out : bool) (ea : option nat) (i : nat) (r : reference)
    : option (option N) := match r with
  | Element a k => match find_place sc out a with
      | Some p => option_map Some (element_variable p k) | None => None end
  | ElementAt a w => match find_place sc out a with
      | Some _ => option_map Some (assoc2 a w (reads sc)) | None => None end
  | ElementI a => match find_place sc out a, ea with
      | Some p, Some n =>
          if Nat.eqb (size p) n then option_map Some (element_variable p i) else None
      | _, _ => None end
  | Scalar m => option_map Some (assoc m (scalars sc))
  | IndexOf w => option_map (fun p => Some (snd p)) (assoc w (indices sc))
  | I => match ea with Some _ => Some None | None => None end
  end.
Fixpoint affine_terms sc out ea i c (l : list (Z * reference)) : option (Z * terms) := match l with
  | [] => Some (c, [])
  | (m, r) :: l => match reference_variable sc out ea i r, affine_terms sc out ea i c l with
      | Some None, Some (c, ts) => Some (c + m * Z.of_nat i, ts)
      | Some (Some v), Some (c, ts) => Some (c, combine_terms m 1 [(v, 1)] ts)
      | _, _ => None
      end
  end.
Definition affine_form sc ea i (d : positive) (s : affine) : option form :=
  option_map (fun p => make_form d (fst p) (snd p))
    (affine_terms sc false ea i (offset s) (parts s)).
Definition affine_atom sc out ea i (a : relation * affine) : option atom :=
  option_map (fun p => make_atom (fst a) (fst p) (snd p))
    (affine_terms sc out ea i (offset (snd a)) (parts (snd a))).

(** * Indices, what is read at them, definitions *)

Definition add_index (s : branch * scope) (x : name * nat) : option (branch * scope) :=
  let (E, sc) := s in
  let v := variables E in
  if fresh sc (fst x) && Nat.ltb 0 (snd x) then
    Some (push (push (new_variable E) (FAtom (Atom LE 0 [(v, -1)])))
            (FAtom (make_atom LE (1 - Z.of_nat (snd x)) [(v, 1)])),
          Scope (places sc) (scalars sc) (indices sc ++ [(fst x, (snd x, v))]) (reads sc))
  else None.
Definition add_read a n (s : branch * scope) (x : name * (nat * N)) : branch * scope :=
  let (E, sc) := s in
  if Nat.eqb (fst (snd x)) n
  then (new_variable E, Scope (places sc) (scalars sc) (indices sc)
                          (reads sc ++ [((a, fst x), variables E)]))
  else s.
(** For each index as long as the array: the variable of the element there. *)
Definition add_reads (s : branch * scope) (a : name * place) : branch * scope :=
  fold_left (add_read (fst a) (size (snd a))) (indices (snd s)) s.
Definition add_form (f : shape) (E : branch) (t : form) : option branch :=
  if good_form (variables E) t then Some (add_shape f E t) else None.
Definition define_array f (s : branch * scope) a (l : option (list form))
    : option (branch * scope) := let (E, sc) := s in match l with
  | Some l => if fresh sc a then match fold_option (add_form f) l E with
      | Some E' =>
          let p := (a, Place false (variables E) 1 (List.length l)) in
          Some (add_reads (E', Scope (places sc ++ [p]) (scalars sc) (indices sc) (reads sc)) p)
      | None => None end else None
  | None => None
  end.
Definition new_scalar (sc : scope) m v :=
  Scope (places sc) (scalars sc ++ [(m, v)]) (indices sc) (reads sc).
Definition signed (s : Z) (v : N) : form := Form 1 0 [(v, s)].
(** The largest element, or (sign -1) the smallest. *)
Definition define_extreme (sign : Z) (s : branch * scope) m a : option (branch * scope) :=
  let (E, sc) := s in
  match option_map element_variables (find_place sc false a) with
  | Some (v :: vs) => if fresh sc m
      then Some (push (new_variable E)
                   (FMax (signed sign (variables E)) (map (signed sign) (v :: vs))),
                 new_scalar sc m (variables E))
      else None
  | _ => None
  end.
Definition add_definition (s : branch * scope) (d : definition) : option (branch * scope) :=
  let (E, sc) := s in match d with
  | DefineArray a n f d t =>
      define_array f s a (map_option (fun i => affine_form sc (Some n) i d t) (seq 0 n))
  | DefineList a l =>
      define_array Linear s a (map_option (fun p => affine_form sc None 0 (fst p) (snd p)) l)
  | DefineScalar m f d t => match affine_form sc None 0 d t with
      | Some t => if fresh sc m && good_form (variables E) t
          then Some (add_shape f E t, new_scalar sc m (variables E)) else None
      | None => None end
  | DefineMax m a => define_extreme 1 s m a
  | DefineMin m a => define_extreme (-1) s m a
  end.

(** * Clauses and winners *)

(** That the guard does not let i through. *)
Definition guard_atom (g : guard) (w : N) (i : Z) : atom := match g with
  | Before => Atom LE (- i) [(w, 1)]
  | After => Atom LE i [(w, -1)]
  | Except => make_atom EQ (- i) [(w, 1)]
  end.
Definition guard_branch sc (c : clause) (i : nat) : option (list (list atom)) := match where_ c with
  | None => Some []
  | Some (g, w) => match each c, assoc w (indices sc) with
      | Some n, Some (m, v) =>
          if Nat.eqb n m then Some [[guard_atom g v (Z.of_nat i)]] else None
      | _, _ => None end
  end.
Definition clause_at sc out (c : clause) (i : nat) : option fact :=
  match map_option (map_option (affine_atom sc out (each c) i)) (any c), guard_branch sc c i with
  | Some bs, Some g => Some (make_clause (bs ++ g))
  | _, _ => None
  end.
Definition cases (c : clause) : nat := match each c with Some n => n | None => 1%nat end.

(** A condition is true if q x - q m + p (relation) 0, for any of these (relation, (p, q)). *)
Definition relations (c : condition) (l : option (positive * positive))
    : option (list (relation * (Z * positive))) := match c, l with
  | Less, None => Some [(LT, (0, 1%positive))]
  | Less, Some (p, q) => Some [(LE, (Zpos p, q))]
  | LessEqual, _ => Some [(LE, (0, 1%positive))]
  | Gap p q, None => Some [(LE, (Zpos p, q))]
  | Tie p q, None => Some [(EQ, (0, 1%positive)); (LE, (Zpos p, q))]
  | _, _ => None
  end.
(** Where i is: w is i, and every array read at w is its element i; or i < w; or i > w. *)
Definition read_there sc (i : nat) (r : (name * name) * N) : option atom :=
  match find_place sc true (fst (fst r)) with
  | Some p => option_map (fun y => difference (variable (snd r)) (variable y) EQ)
                (element_variable p i)
  | None => None
  end.
Definition reads_of sc w := filter (fun r => String.eqb w (snd (fst r))) (reads sc).
Definition where_i sc w (k : N) (i : nat) : option (list atom * atom * atom) :=
  let z := Z.of_nat i in
  option_map (fun same => (make_atom EQ (- z) [(k, 1)] :: same,
                           make_atom LE (z + 1) [(k, -1)], make_atom LE (1 - z) [(k, 1)]))
    (map_option (read_there sc i) (reads_of sc w)).
Definition winner_atom (x best : N) (r : relation * (Z * positive)) : atom :=
  let q := Zpos (snd (snd r)) in
  make_atom (fst r) (fst (snd r)) (combine_terms q (- q) [(x, 1)] [(best, 1)]).
Definition winner_at sc w a (before after : condition) lattice (i : nat) : option fact :=
  match assoc w (indices sc), find_place sc false a, assoc2 a w (reads sc),
        relations before lattice, relations after lattice with
  | Some (_, k), Some p, Some best, Some rb, Some ra =>
      match element_variable p i, where_i sc w k i with
      | Some x, Some (here, earlier, later) =>
          let side place := map (fun r => [place; winner_atom x best r]) in
          Some (FClause (here :: side earlier rb ++ side later ra))
      | _, _ => None end
  | _, _, _, _, _ => None
  end.
Definition index_at sc w (i : nat) : option fact := match assoc w (indices sc) with
  | Some (n, k) => if Nat.ltb i n
      then option_map (fun '(here, earlier, later) => FClause [here; [earlier]; [later]])
             (where_i sc w k i)
      else None
  | None => None
  end.
(** What PICK t i gives: requirement t at i; from the number of those on, index after index. *)
Definition pick_at sc (rs : list requirement) (t i : N) : option fact :=
  let k := N.to_nat t in let j := N.to_nat i in
  match nth_error rs k with
  | Some (RequireClause c) => match each c with
      | Some n => if Nat.ltb j n then clause_at sc false c j else None
      | None => None end
  | Some (RequireWinner w a b f l) => winner_at sc w a b f l j
  | None => match nth_error (indices sc) (k - List.length rs) with
      | Some (w, _) => index_at sc w j
      | None => None end
  end.
(** A requirement without i is a fact; of the others it is only seen that they make sense. *)
Definition add_requirement sc (E : branch) (r : requirement) : option branch := match r with
  | RequireClause c => match each c with
      | None => option_map (add_fact E) (clause_at sc false c 0)
      | Some _ => option_map (fun _ => E) (clause_at sc false c 0) end
  | RequireWinner w a b f l => option_map (fun _ => E) (winner_at sc w a b f l 0)
  end.

(** * The claim *)

Definition array_place (n : network) (outs : range) (a : array) : option (name * place) :=
  let from := if is_output a then outs else input_range n in
  let p := Place (is_output a) (first from + N.of_nat (base a)) (N.of_nat (stride a))
             (array_length a) in
  if Nat.eqb (array_length a) 0 ||
     (N.of_nat (base a + stride a * (array_length a - 1)) <? count from)%N
  then Some (array_name a, p) else None.
Fixpoint distinct (l : list name) : bool := match l with
  | [] => true
  | x :: l => negb (existsb (String.eqb x) l) && distinct l
  end.
Definition goals_of sc (s : statement) : option (list fact) := option_map (@List.concat fact)
  (map_option (fun c => map_option (clause_at sc true c) (seq 0 (cases c))) (ensures s)).
Definition check_statement lemmas (n : network) (net : branch * range) (al : list array)
    (s : statement) (p : list proof_step) : bool :=
  match map_option (array_place n (snd net)) al with None => false | Some ps =>
  match fold_option add_index (index s) (fst net, Scope ps [] [] []) with
  | None => false
  | Some E =>
  match fold_option add_definition (define s) (fold_left add_reads ps E) with
  | None => false
  | Some (E, sc) =>
  match fold_option (add_requirement sc) (requires s) E, goals_of sc s with
  | Some E, Some goals => distinct (map array_name al) && nonempty goals &&
      proves lemmas (pick_at sc (requires s)) p E goals
  | _, _ => false
  end end end end.
Record certificate := Certificate { the_network : network; the_claim : claim;
  the_lemmas : list lemma_proof; the_proofs : list (list proof_step) }.
Fixpoint forallb2 {A B} (f : A -> B -> bool) l m := match l, m with
  | [], [] => true
  | x :: l, y :: m => f x y && forallb2 f l m
  | _, _ => false
  end.
(** Whether the proofs prove the claim of the network. *)
Definition check (c : certificate) : bool :=
  match add_network (the_network c), check_lemmas [] (the_lemmas c) with
  | Some net, Some lemmas =>
      forallb2 (check_statement lemmas (the_network c) net (arrays (the_claim c)))
        (statements (the_claim c)) (the_proofs c)
  | _, _ => false
  end.
