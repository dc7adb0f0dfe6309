(** Points: cases that meet what a statement requires, so that it does not hold for want of one.
    Computation only, in the rational numbers; FORMAT.md, section 3. *)
From Coq Require Import String List ZArith QArith Bool.
Import ListNotations.
From Relumax Require Import Statement Kernel Elaborate.
Open Scope Q_scope.

(** * The meaning of Statement.v, computed in Q *)

Definition q_dot {A} (v : A -> Q) (l : list (A * Z)) : Q :=
  fold_right (fun p s => Qred (inject_Z (snd p) * v (fst p) + s)) 0 l.
Definition q_over (q : Q) (d : positive) : Q := Qred (q * (1 # d)).
Definition q_relu (q : Q) : Q := if Qle_bool q 0 then 0 else q.
Definition q_step (q : Q) : Q := if Qle_bool 0 q then 1 else 0.
Definition q_act k := match k with Relu => q_relu | Step => q_step end.
Definition q_row d h r :=
  q_over (inject_Z (bias r) + q_dot (fun j => nth (N.to_nat j) h 0) (weights r)) d.
Definition q_layer h l := map (fun r => q_act (fst r) (q_row (divisor l) h (snd r))) (rows l).
Definition q_hidden ls x := fold_left q_layer ls x.
Definition q_compute n x := map (q_row (output_divisor n) (q_hidden (layers n) x)) (outputs n).

Record q_env := QEnv { q_arr : name -> list Q; q_sca : name -> Q; q_idx : name -> nat }.
Definition q_set_arr e a l := QEnv (update (q_arr e) a l) (q_sca e) (q_idx e).
Definition q_set_sca e m x := QEnv (q_arr e) (update (q_sca e) m x) (q_idx e).
Definition q_set_idx e w k := QEnv (q_arr e) (q_sca e) (update (q_idx e) w k).
Definition q_nat (k : nat) : Q := inject_Z (Z.of_nat k).
Definition q_reference e i r := match r with
  | Element a k => nth k (q_arr e a) 0
  | ElementAt a w => nth (q_idx e w) (q_arr e a) 0
  | ElementI a => nth i (q_arr e a) 0
  | Scalar m => q_sca e m
  | IndexOf w => q_nat (q_idx e w)
  | I => q_nat i
  end.
Definition q_affine e i s := inject_Z (offset s) +
  fold_right (fun p t => Qred (inject_Z (fst p) * q_reference e i (snd p) + t)) 0 (parts s).
Definition q_shaped f := match f with Linear => fun x => x | Unit k => q_act k end.
(** The first by an order, if there is one at all. *)
Fixpoint q_best (le : Q -> Q -> bool) (l : list Q) : option Q := match l with
  | [] => None
  | x :: l => match q_best le l with Some m => Some (if le x m then m else x) | None => Some x end
  end.
Definition q_at_least x y := Qle_bool y x.
Definition q_define e d : option q_env := match d with
  | DefineArray a n f d s =>
      Some (q_set_arr e a (map (fun i => q_shaped f (q_over (q_affine e i s) d)) (seq 0 n)))
  | DefineScalar m f d s => Some (q_set_sca e m (q_shaped f (q_over (q_affine e 0 s) d)))
  | DefineList a l => Some (q_set_arr e a (map (fun p => q_over (q_affine e 0 (snd p)) (fst p)) l))
  | DefineMax m a => option_map (q_set_sca e m) (q_best Qle_bool (q_arr e a))
  | DefineMin m a => option_map (q_set_sca e m) (q_best q_at_least (q_arr e a))
  end.
Definition q_relation r x := match r with
  | EQ => Qeq_bool x 0
  | LE => Qle_bool x 0
  | LT => negb (Qle_bool 0 x)
  end.
Definition q_guarded e i g := match g with
  | None => true
  | Some (Before, w) => Nat.ltb i (q_idx e w)
  | Some (After, w) => Nat.ltb (q_idx e w) i
  | Some (Except, w) => negb (Nat.eqb i (q_idx e w))
  end.
Definition q_any e i bs :=
  existsb (fun b => forallb (fun a => q_relation (fst a) (q_affine e i (snd a))) b) bs.
Definition q_clause e c := match each c with
  | None => q_any e 0 (any c)
  | Some n => forallb (fun i => negb (q_guarded e i (where_ c)) || q_any e i (any c)) (seq 0 n)
  end.
Definition q_condition c x m := match c with
  | Less => negb (Qle_bool m x)
  | LessEqual => Qle_bool x m
  | Gap p q => Qle_bool (x + (Zpos p # q)) m
  | Tie p q => Qeq_bool x m || Qle_bool (x + (Zpos p # q)) m
  end.
(** y is an integer times p/q. *)
Definition on_lattice p q (y : Q) :=
  let t := (Qnum y * Zpos q / (Zpos (Qden y) * Zpos p))%Z in
  (t * Zpos p * Zpos (Qden y) =? Qnum y * Zpos q)%Z.
Definition q_requirement e r := match r with
  | RequireClause c => q_clause e c
  | RequireWinner w a b f l =>
      let k := q_idx e w in
      let x i := nth i (q_arr e a) 0 in
      forallb (fun i => q_condition b (x i) (x k)) (seq 0 k) &&
      forallb (fun i => Nat.leb i k || q_condition f (x i) (x k))
        (seq 0 (List.length (q_arr e a))) &&
      match l with None => true | Some (p, q) => forallb (on_lattice p q) (q_arr e a) end
  end.
Definition q_array x y a :=
  map (fun i => nth (base a + stride a * i) (if is_output a then y else x) 0)
    (seq 0 (array_length a)).
Definition q_no_names := QEnv (fun _ => []) (fun _ => 0) (fun _ => O).
Definition q_initial al x y (ws : list (name * nat)) :=
  fold_left (fun e w => q_set_idx e (fst w) (snd w)) ws
    (fold_right (fun a e => q_set_arr e (array_name a) (q_array x y a)) q_no_names al).

(** * The points of a statement *)

Record point := Point { point_index : list nat; point_den : positive; point_inputs : list Z }.
(** Everything that is required, and everything that is ensured, holds there. *)
Definition check_point n al s (p : point) : bool :=
  let x := map (fun z => z # point_den p) (point_inputs p) in
  let ws := List.combine (map fst (index s)) (point_index p) in
  Nat.eqb (List.length x) (inputs n) &&
  forallb2 (fun k w => Nat.ltb k (snd w)) (point_index p) (index s) &&
  match fold_option q_define (define s) (q_initial al x (q_compute n x) ws) with
  | Some e => forallb (q_requirement e) (requires s) && forallb (q_clause e) (ensures s)
  | None => false
  end.
(** Index number k has value v at some point. *)
Definition takes_value (k v : nat) (ps : list point) := existsb (fun p =>
  match nth_error (point_index p) k with Some u => Nat.eqb u v | None => false end) ps.
Definition both_ends (ix : list (name * nat)) ps := forallb (fun k =>
  takes_value k 0 ps && takes_value k (snd (nth k ix (EmptyString, 1%nat)) - 1) ps)
  (seq 0 (List.length ix)).
Definition needs_point (s : statement) := nonempty (requires s) || nonempty (index s).
Definition check_points n al s ps := forallb (check_point n al s) ps && both_ends (index s) ps &&
  (negb (needs_point s) || nonempty ps).
Definition check_all_points (c : certificate) (points : list (list point)) :=
  forallb2 (check_points (the_network c) (arrays (the_claim c))) (statements (the_claim c)) points.
