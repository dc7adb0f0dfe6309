(** As Adequacy.v, for claims that speak of a winner: its index, its one-hot vector, its payload. *)
From Coq Require Import String List ZArith Reals Lra Lia Bool.
Import ListNotations.
From Relumax Require Import Statement Instances Adequacy.
Open Scope string_scope.
Open Scope R_scope.

(** * The winner is the largest, or with [least] the smallest: the largest of z = -x *)

Definition compares (least : bool) (c : condition) (a b : R) : Prop :=
  if least then ahead c b a else ahead c a b.
Definition keys (least : bool) (n : nat) : list definition :=
  if least then [DefineArray "z" n Linear 1 (Affine 0 [((-1)%Z, ElementI "x")])] else [].
Definition winner (least : bool) (before after : condition) (lattice : option (positive * positive))
    : requirement := RequireWinner "w" (if least then "z" else "x") before after lattice.
Definition keys_of (least : bool) (x : list R) : list R := if least then map Ropp x else x.

Lemma nth_opp x i : nth i (map Ropp x) 0 = - nth i x 0.
Proof.
  rewrite <- Ropp_0 at 1. apply map_nth.
Qed.

Lemma opposite_keys x n : length x = n ->
    map (fun i => (0 + (-1 * nth i x 0 + 0)) / 1) (seq 0 n) = map Ropp x.
Proof.
  intros <-. apply (nth_ext _ _ 0 0); rewrite !map_length; rewrite seq_length; [reflexivity|].
  intros i L. rewrite nth_opp. rewrite (nth_indep _ 0 ((0 + (-1 * nth 0 x 0 + 0)) / 1))
    by (rewrite map_length, seq_length; exact L).
  rewrite (map_nth (fun i => (0 + (-1 * nth i x 0 + 0)) / 1)), seq_nth by exact L.
  cbn [Nat.add]. lra.
Qed.

Lemma required least before after lattice n x w : length x = n ->
    wins (compares least before) (compares least after) n x w -> on_lattice lattice x ->
    let k := keys_of least x in
    on_lattice lattice k /\ wins (ahead before) (ahead after) (length k) k w.
Proof.
  assert (O : forall c a b, ahead c b a -> ahead c (- a) (- b)).
  { intros [] a b; cbn [ahead]; lra. }
  intros Hx (L & B & A) On. destruct least; cbn [keys_of compares] in *.
  - split.
    + destruct lattice as [[p q]|]; auto. intros a Ia. apply in_map_iff in Ia as (b & <- & Ib).
      destruct (On b Ib) as [k ->]. exists (- k)%Z. rewrite opp_IZR. ring.
    + rewrite map_length. unfold wins. rewrite Hx. split; [exact L|].
      split; intros i Li; rewrite !nth_opp; apply O; auto.
  - split; [exact On|]. rewrite Hx. split; auto.
Qed.

(** * The index: argmax and argmin by index, prefix, bits *)

Definition index_claim (least : bool) (n : nat) (before after : condition)
    (lattice : option (positive * positive)) : claim := Claim (x_and_y n 1)
  [Statement [] [] []
    [Clause None None [[(LE, Affine 0 [((-1)%Z, Element "y" 0)])]];
     Clause None None [[(LE, Affine (1 - Z.of_nat n) [(1%Z, Element "y" 0)])]]];
   Statement [("w", n)] (keys least n) [winner least before after lattice]
    [equals [(1%Z, Element "y" 0); ((-1)%Z, IndexOf "w")]]].

Lemma index_value net n least before after lattice : inputs net = n ->
    length (outputs net) = 1%nat -> claim_true RField net (index_claim least n before after lattice)
    -> forall x : list R, length x = n -> exists y, compute RField net x = [y] /\
    0 <= y <= INR n - 1 /\ forall w, wins (compares least before) (compares least after) n x w ->
    on_lattice lattice x -> y = INR w.
Proof.
  intros Hi Ho H x Hx. apply claim_says with (v := x) in H; [|congruence].
  destruct (one_output net x Ho) as [y E]. exists y. split; [exact E|].
  destruct H as (H1 & H2 & _). cbv [index_claim x_and_y] in H1. read H1.
  rewrite E, whole_out in H1 by auto. cbn [nth] in H1. rewrite minus_IZR, <- INR_IZR_INZ in H1.
  split; [lra|]. intros w W On. assert (Lw := proj1 W).
  assert (R := required least before after lattice n x w Hx W On).
  destruct least; cbv [index_claim equals x_and_y keys winner] in H2; read H2;
    rewrite E, whole_in, whole_out in H2 by auto; cbn [nth] in H2;
    rewrite ?(opposite_keys x n) in H2 by exact Hx; destruct (H2 w Lw R) as [[[C _]|[]] _]; lra.
Qed.

(** Always an index's range; the index of a winner that is as far ahead as is promised. *)
Theorem index_means net n least before after : inputs net = n -> length (outputs net) = 1%nat ->
    claim_true RField net (index_claim least n before after None) ->
    forall x : list R, length x = n -> exists y, compute RField net x = [y] /\
    0 <= y <= INR n - 1 /\
    forall w, wins (compares least before) (compares least after) n x w -> y = INR w.
Proof.
  intros Hi Ho H x Hx. destruct (index_value _ _ _ _ _ _ Hi Ho H x Hx) as (y & E & B & W).
  exists y. split; [exact E|]. split; [exact B|]. intros w Hw. apply W; cbn [on_lattice]; auto.
Qed.

(** On a lattice no lead is asked for. *)
Theorem lattice_means net n least before after p q : inputs net = n ->
    length (outputs net) = 1%nat ->
    claim_true RField net (index_claim least n before after (Some (p, q))) ->
    forall x : list R, length x = n -> exists y, compute RField net x = [y] /\
    0 <= y <= INR n - 1 /\ ((forall a, In a x -> exists k : Z, a = IZR k * fraction (Zpos p) q) ->
    forall w, wins (compares least before) (compares least after) n x w -> y = INR w).
Proof.
  intros Hi Ho H x Hx. destruct (index_value _ _ _ _ _ _ Hi Ho H x Hx) as (y & E & B & W).
  exists y. auto 6.
Qed.

(** * The one-hot vector: onehot, step *)

Definition one_hot (n w : nat) : list R := map (fun i => if Nat.eqb i w then 1 else 0) (seq 0 n).

Lemma one_hot_is (y : list R) n w : length y = n -> nth w y 0 = 1 ->
    (forall i, (i < n)%nat -> i <> w -> nth i y 0 = 0) -> y = one_hot n w.
Proof.
  intros L One Zero.
  apply (nth_ext _ _ 0 0); unfold one_hot; rewrite ?map_length, ?seq_length; auto.
  intros i Li. rewrite (nth_indep (map _ _) 0 (if Nat.eqb 0 w then 1 else 0))
    by (rewrite map_length, seq_length; lia).
  rewrite (map_nth (fun i => if Nat.eqb i w then 1 else 0)), seq_nth by lia. cbn [Nat.add].
  destruct (Nat.eqb_spec i w) as [->|D]; [exact One|apply Zero; auto; lia].
Qed.

Definition one_hot_ensures (n : nat) : list clause :=
  [Clause None None [[(EQ, Affine (-1) [(1%Z, ElementAt "y" "w")])]];
   Clause (Some n) (Some (Except, "w")) [[(EQ, Affine 0 [(1%Z, ElementI "y")])]]].

(** Everywhere: 1 for those that are best, 0 for those that are d = p/q behind or more, and between
    0 and 1 for the others. *)
Definition onehot_claim (least : bool) (n : nat) (p q : positive) (before after : condition)
    : claim :=
  let best := if least then DefineMin "m" "x" else DefineMax "m" "x" in
  let behind c := if least then [(c, Scalar "m"); ((- c)%Z, ElementI "x")]
    else [(c, ElementI "x"); ((- c)%Z, Scalar "m")] in
  Claim (x_and_y n n)
  [Statement [] [best] []
    [Clause (Some n) None
      [[(EQ, Affine (-1) [(1%Z, ElementI "y")]); (EQ, Affine 0 (behind 1%Z))];
       [(LT, Affine 0 [((-1)%Z, ElementI "y")]); (LT, Affine (-1) [(1%Z, ElementI "y")]);
        (LT, Affine 0 (behind 1%Z)); (LT, Affine (Zneg p) (behind (Zneg q)))];
       [(EQ, Affine 0 [(1%Z, ElementI "y")]); (LE, Affine (Zpos p) (behind (Zpos q)))]]];
   Statement [("w", n)] (keys least n ++ [best])
    [winner least before after None] (one_hot_ensures n)].

Theorem onehot_means net n least p q before after : (0 < n)%nat -> inputs net = n ->
    length (outputs net) = n -> claim_true RField net (onehot_claim least n p q before after) ->
    forall x : list R, length x = n -> let y := compute RField net x in
    let behind a m := if least then a - m else m - a in
    (exists m, (In m x /\ forall a, In a x -> 0 <= behind a m) /\ forall i, (i < n)%nat ->
      nth i y 0 = 1 /\ nth i x 0 = m \/
      0 < nth i y 0 < 1 /\ 0 < behind (nth i x 0) m < fraction (Zpos p) q \/
      nth i y 0 = 0 /\ fraction (Zpos p) q <= behind (nth i x 0) m) /\
    forall w, wins (compares least before) (compares least after) n x w -> y = one_hot n w.
Proof.
  intros Hn Hi Ho H x Hx y behind. apply claim_says with (v := x) in H; [|congruence].
  assert (Hy : length y = n) by (unfold y; rewrite compute_length; exact Ho).
  destruct H as (H1 & H2 & _). destruct (scaled (Zpos p) q) as [Pos Sp].
  assert (Best : exists m, if least then smallest m x else largest m x).
  { destruct least; [apply smallest_exists|apply largest_exists]; apply (not_empty x n Hn Hx). }
  destruct Best as [m M]. split.
  - exists m. split.
    + destruct least; destruct M as [I B]; split; auto; intros a Ia; specialize (B a Ia);
        unfold behind; lra.
    + intros i L. destruct least; cbv [onehot_claim x_and_y Z.opp] in H1; read H1; fold y in H1;
        rewrite whole_in, whole_out in H1 by auto; destruct (H1 m M) as [C _];
        specialize (C i L); unfold behind; set (b := nth i y 0) in *; set (a := nth i x 0) in *.
      all: change (Zneg p) with (- Zpos p)%Z in C; change (Zneg q) with (- Zpos q)%Z in C;
        rewrite ?opp_IZR in C; destruct C as [C|[C|[C|[]]]]; [left; lra|right; left|right; right].
      all: split; [lra|]; rewrite <- ?(scaled_le q (fraction (Zpos p) q)), <- ?Sp; try lra.
      all: split; [lra|]; apply (Rmult_lt_reg_l (IZR (Zpos q)) _ _ Pos); rewrite <- Sp; lra.
  - intros w W. assert (R := required least before after None n x w Hx W Logic.I).
    apply one_hot_is; auto; destruct least;
      cbv [onehot_claim x_and_y keys winner one_hot_ensures app] in H2; read H2; fold y in H2;
      rewrite whole_in, whole_out in H2 by auto;
      rewrite ?(opposite_keys x n) in H2 by exact Hx;
      destruct (H2 w (proj1 W) m M R) as ([[C _]|[]] & D & _); try lra;
      intros i L N; destruct (D i L N) as [[F _]|[]]; lra.
Qed.

(** For all inputs: the one-hot vector and the index of the first of the best. *)
Definition step_claim (least : bool) (n : nat) : claim := Claim
  [Array "x" false 0 1 n; Array "y" true 0 1 n; Array "k" true n 1 1]
  [Statement [("w", n)] (keys least n) [winner least Less LessEqual None]
    (one_hot_ensures n ++ [equals [(1%Z, Element "k" 0); ((-1)%Z, IndexOf "w")]])].

Theorem step_means net n least : inputs net = n -> length (outputs net) = S n ->
    claim_true RField net (step_claim least n) -> forall (x : list R) w, length x = n ->
    wins (compares least Less) (compares least LessEqual) n x w ->
    compute RField net x = (one_hot n w ++ [INR w])%list.
Proof.
  intros Hi Ho H x w Hx W. apply claim_says with (v := x) in H; [|congruence].
  assert (L := compute_length net x). rewrite Ho in L. destruct H as [H _].
  destruct (exists_last (l := compute RField net x)) as (y & k & E); [intros E; rewrite E in L;
    discriminate|]. rewrite E, app_length in L. cbn [length] in L.
  assert (Ly : length y = n) by lia.
  assert (R := required least Less LessEqual None n x w Hx W Logic.I).
  assert (F : nth w y 0 = 1 /\ (forall i, (i < n)%nat -> i <> w -> nth i y 0 = 0) /\ k = INR w).
  { destruct least; cbv [step_claim equals keys winner one_hot_ensures app] in H; read H;
      rewrite whole_in, (first_of true _ _ y [k]), (second_of true _ _ y [k]) in H by auto;
      rewrite ?(opposite_keys x n) in H by exact Hx; cbn [nth] in H;
      destruct (H w (proj1 W) R) as ([[C _]|[]] & D & [[G _]|[]] & _);
      (split; [lra|split; [|lra]]); intros i Li N; destruct (D i Li N) as [[F _]|[]]; lra. }
  destruct F as (F1 & F2 & ->). rewrite E. f_equal. apply one_hot_is; auto.
Qed.

(** * The payload: select by gate, prefix, step; payloads in the range from a/b to c/d *)

Record range := Range { low : Z; low_over : positive; high : Z; high_over : positive }.
Definition in_range (r : range) (p : list R) : Prop := forall a, In a p ->
  fraction (low r) (low_over r) <= a <= fraction (high r) (high_over r).
Definition payloads_in (r : range) (n : nat) : requirement := RequireClause (Clause (Some n) None
  [[(LE, Affine (low r) [(Zneg (low_over r), ElementI "p")]);
    (LE, Affine (- high r) [(Zpos (high_over r), ElementI "p")])]]).
Definition payload_statement (n : nat) (before : condition) (r : range) : statement :=
  Statement [("w", n)] [] [RequireWinner "w" "x" before LessEqual None; payloads_in r n]
    [equals [(1%Z, Element "y" 0); ((-1)%Z, ElementAt "p" "w")]].
Definition payload_arrays (n : nat) : list array :=
  [Array "x" false 0 1 n; Array "p" false n 1 n; Array "y" true 0 1 1].

(** Between the smallest payload and the largest, whatever the inputs. *)
Definition gate_claim (n : nat) (before : condition) (r : range) : claim :=
  Claim (payload_arrays n)
  [Statement [] [DefineMin "lop" "p"; DefineMax "hip" "p"] []
    [Clause None None [[(LE, Affine 0 [(1%Z, Scalar "lop"); ((-1)%Z, Element "y" 0)])]];
     Clause None None [[(LE, Affine 0 [(1%Z, Element "y" 0); ((-1)%Z, Scalar "hip")])]]];
   payload_statement n before r].
(** Between a/b and the largest payload, for payloads in the range. *)
Definition select_prefix_claim (n : nat) (before : condition) (r : range) : claim :=
  Claim (payload_arrays n)
  [Statement [] [DefineMax "hip" "p"] [payloads_in r n]
    [Clause None None [[(LE, Affine (low r) [(Zneg (low_over r), Element "y" 0)])]];
     Clause None None [[(LE, Affine 0 [(1%Z, Element "y" 0); ((-1)%Z, Scalar "hip")])]]];
   payload_statement n before r].
Definition select_step_claim (n : nat) (before : condition) (r : range) : claim :=
  Claim (payload_arrays n) [payload_statement n before r].

Lemma above_low p q t : IZR p + (IZR (Zneg q) * t + 0) <= 0 <-> fraction p q <= t.
Proof.
  destruct (scaled p q) as [_ S]. rewrite <- (scaled_le q (fraction p q) t).
  change (Zneg q) with (- Zpos q)%Z. rewrite opp_IZR, <- S. split; lra.
Qed.

Lemma below_high p q t : IZR (- p) + (IZR (Zpos q) * t + 0) <= 0 <-> t <= fraction p q.
Proof.
  destruct (scaled p q) as [_ S]. rewrite <- (scaled_le q t (fraction p q)), opp_IZR, <- S.
  split; lra.
Qed.

Ltac read_payloads H x p y E := read H; rewrite E in H;
  rewrite ?(first_of false _ _ x p), ?(second_of false _ _ x p), whole_out in H by auto;
  cbn [nth] in H.

Lemma payload_value net n before r x p y w : length x = n -> length p = n ->
    compute RField net (x ++ p)%list = [y] ->
    says net (payload_arrays n) (payload_statement n before r) (x ++ p)%list ->
    wins (ahead before) Rle n x w -> in_range r p -> y = nth w p 0.
Proof.
  intros Hx Hp E H W In_r. cbv [payload_statement payload_arrays payloads_in equals] in H.
  read_payloads H x p y E. rewrite Hx in H.
  destruct (H w (proj1 W) (conj Logic.I W)) as [[[C _]|[]] _]; [|lra].
  intros i L. left. destruct (In_r (nth i p 0)) as [Low High]; [apply nth_In; lia|].
  split; [apply above_low, Low|]. split; [apply below_high, High|exact Logic.I].
Qed.

Theorem gate_means net n before r : (0 < n)%nat -> inputs net = (n + n)%nat ->
    length (outputs net) = 1%nat -> claim_true RField net (gate_claim n before r) ->
    forall x p : list R, length x = n -> length p = n ->
    exists y, compute RField net (x ++ p)%list = [y] /\
    (exists a b, In a p /\ In b p /\ a <= y <= b) /\
    forall w, wins (ahead before) Rle n x w -> in_range r p -> y = nth w p 0.
Proof.
  intros Hn Hi Ho H x p Hx Hp. destruct (one_output net (x ++ p)%list Ho) as [y E].
  apply claim_says with (v := (x ++ p)%list) in H; [|rewrite app_length; congruence].
  destruct H as (H1 & H2 & _). exists y. split; [exact E|]. split.
  - destruct (smallest_exists p (not_empty p n Hn Hp)) as [a A].
    destruct (largest_exists p (not_empty p n Hn Hp)) as [b B]. exists a, b.
    cbv [gate_claim payload_arrays] in H1. read_payloads H1 x p y E.
    specialize (H1 a A b B). destruct A, B. repeat split; auto; lra.
  - intros w W In_r. apply (payload_value net n before r x p y w); auto.
Qed.

Theorem select_prefix_means net n before r : (0 < n)%nat -> inputs net = (n + n)%nat ->
    length (outputs net) = 1%nat -> claim_true RField net (select_prefix_claim n before r) ->
    forall x p : list R, length x = n -> length p = n -> in_range r p ->
    exists y, compute RField net (x ++ p)%list = [y] /\
    (fraction (low r) (low_over r) <= y /\ exists a, In a p /\ y <= a) /\
    forall w, wins (ahead before) Rle n x w -> y = nth w p 0.
Proof.
  intros Hn Hi Ho H x p Hx Hp In_r. destruct (one_output net (x ++ p)%list Ho) as [y E].
  apply claim_says with (v := (x ++ p)%list) in H; [|rewrite app_length; congruence].
  destruct H as (H1 & H2 & _). exists y. split; [exact E|]. split.
  - destruct (largest_exists p (not_empty p n Hn Hp)) as [b B].
    cbv [select_prefix_claim payload_arrays payloads_in] in H1. read_payloads H1 x p y E.
    destruct (H1 b B) as ([[L _]|[]] & [[U _]|[]] & _).
    + intros i Li. left. destruct (In_r (nth i p 0)) as [Low High]; [apply nth_In; lia|].
      split; [apply above_low, Low|]. split; [apply below_high, High|exact Logic.I].
    + apply above_low in L. split; [exact L|]. exists b. split; [apply B|lra].
  - intros w W. apply (payload_value net n before r x p y w); auto.
Qed.

Theorem select_step_means net n before r : inputs net = (n + n)%nat ->
    length (outputs net) = 1%nat -> claim_true RField net (select_step_claim n before r) ->
    forall (x p : list R) w, length x = n -> length p = n -> in_range r p ->
    wins (ahead before) Rle n x w -> compute RField net (x ++ p)%list = [nth w p 0].
Proof.
  intros Hi Ho H x p w Hx Hp In_r W. destruct (one_output net (x ++ p)%list Ho) as [y E].
  apply claim_says with (v := (x ++ p)%list) in H; [|rewrite app_length; congruence].
  destruct H as (H & _). rewrite E. f_equal. apply (payload_value net n before r x p y w); auto.
Qed.
