(** For every n from 1 on: the network of max/tournament computes the maximum of its n inputs, that
    of min/tournament the minimum, whatever the order of the units in each layer. relumax's own
    networks are [tournament] with an order that the compiler chose; a test finds it, and has Coq
    compare number by number.

    With s = 1 for max and -1 for min: an option is a sum over the units of the layer before. A
    comparison of a and b takes the units relu(s (a - b)), relu(b) and relu(-b); an option that has
    a bye, relu(c) and relu(-c). *)
From Coq Require Import List ZArith Lia OrderedRing.
Import ListNotations.
From Relumax Require Import Statement Kernel FormsSound NetworkSound.
From Relumax.forall Require Import Notations Chain Rounds.
Open Scope Z_scope.

(** * The network *)

(** The rows of a round, from unit k on, and the options after it. *)
Fixpoint compare_pairs (s : Z) (k : N) (l : list terms) : list row * list terms := match l with
  | a :: b :: l =>
      let (rs, os) := compare_pairs s (k + 3)%N l in
      (Row 0 (combine_terms s (- s) a b) :: Row 0 b :: Row 0 (opposite_terms b) :: rs,
       [(k, s); ((k + 1)%N, 1); ((k + 2)%N, -1)] :: os)
  | [c] => ([Row 0 c; Row 0 (opposite_terms c)], [[(k, 1); ((k + 1)%N, -1)]])
  | [] => ([], [])
  end.
(** The units in another order: p says which unit stands at each place. *)
Fixpoint place_of (j : nat) (p : list nat) : nat := match p with
  | [] => O
  | i :: p => if Nat.eqb i j then O else S (place_of j p)
  end.
Definition is_order (p : list nat) (m : nat) : bool := forallb (fun j =>
  match nth_error p (place_of j p) with Some i => Nat.eqb i j | None => false end) (seq 0 m).
Definition reorder_rows (p : list nat) (rs : list row) : list row :=
  map (fun i => nth i rs (Row 0 [])) p.
Definition reorder_terms (p : list nat) (t : terms) : terms := fold_right (fun jc acc =>
  combine_terms (snd jc) 1 [(N.of_nat (place_of (N.to_nat (fst jc)) p), 1)] acc) [] t.
Definition order_for (p : list nat) (m : nat) : list nat := if is_order p m then p else seq 0 m.
Definition relu_row (r : row) : kind * row := (Relu, r).
Fixpoint all_rounds (s : Z) (fuel : nat) (orders : list (list nat)) (l : list terms)
    : list layer * terms := match fuel, l with
  | S fuel, _ :: _ :: _ =>
      let (rs, os) := compare_pairs s 0 l in
      let p := order_for (hd [] orders) (length rs) in
      let (ls, out) := all_rounds s fuel (tl orders) (map (reorder_terms p) os) in
      (Layer 1 (map relu_row (reorder_rows p rs)) :: ls, out)
  | _, _ => ([], hd [] l)
  end.
Definition tournament (s : Z) (orders : list (list nat)) (n : nat) : network :=
  let (ls, out) := all_rounds s n orders (map (fun i => [(N.of_nat i, 1)]) (seq 0 n)) in
  Network n ls 1 [Row 0 out].

(** * What it computes *)

Section Tournament.
Variable K : OrderedField.
Open Scope field_scope.
Notation relu := (relu K).
Notation z := (z K).
Notation better := (better K).
Add Ring Kring : (SORrt (laws K)).

(** The value of an option over units with values h. *)
Definition option_value (h : list K) (t : terms) : K :=
  dot K (fun j => nth (N.to_nat j) h 0) t.
Definition unit_value (h : list K) (r : row) : K := relu (row_value K 1 h r).

Lemma unit_value_0 h t : unit_value h (Row 0 t) = relu (option_value h t).
Proof.
  unfold unit_value, row_value, option_value. cbn [bias weights]. rewrite over_1, z_zero. f_equal.
  ring.
Qed.

Section Sign.
Variable s : Z.
Hypothesis s_square : z s * z s = one K.
Definition signed_value (h : list K) (t : terms) : K := z s * option_value h t.

(** The values of the units before k, then of those of the round. *)
Lemma compare_pairs_ok n : forall l k h before, (length l <= n)%nat -> length before = N.to_nat k ->
    map (signed_value (before ++ map (unit_value h) (fst (compare_pairs s k l))))
      (snd (compare_pairs s k l)) = round K (map (signed_value h) l).
Proof.
  induction n as [|n IH]; intros [|a [|b l]] k h before L B; simpl in L; try lia; try reflexivity.
  - cbn [compare_pairs fst snd map round]. f_equal. unfold signed_value at 1, option_value at 1.
    cbn [dot fold_right fst snd]. rewrite z_one, z_minus_one. rewrite !app_nth2 by lia.
    replace (N.to_nat k - length before)%nat with 0%nat by lia.
    replace (N.to_nat (k + 1) - length before)%nat with 1%nat by lia. cbn [nth].
    rewrite !unit_value_0. unfold option_value at 2. rewrite dot_opposite.
    fold (option_value h a). unfold signed_value.
    rewrite <- (relu_sub K (option_value h a)) at 3. ring.
  - cbn [compare_pairs]. specialize (IH l (k + 3)%N h).
    destruct (compare_pairs s (k + 3)%N l) as [rs os]. cbn [fst snd] in IH |- *. cbn [map round].
    set (u := unit_value h (Row 0 (combine_terms s (- s) a b))).
    set (p := unit_value h (Row 0 b)). set (q := unit_value h (Row 0 (opposite_terms b))).
    f_equal.
    + unfold signed_value at 1, option_value at 1. cbn [dot fold_right fst snd].
      rewrite z_one, z_minus_one. rewrite !app_nth2 by lia.
      replace (N.to_nat k - length before)%nat with 0%nat by lia.
      replace (N.to_nat (k + 1) - length before)%nat with 1%nat by lia.
      replace (N.to_nat (k + 2) - length before)%nat with 2%nat by lia. cbn [nth].
      assert (Eu : u = relu (signed_value h a - signed_value h b)).
      { unfold u. rewrite unit_value_0. unfold signed_value, option_value.
        rewrite dot_combine, z_opp. f_equal. ring. }
      assert (Epq : p - q = option_value h b).
      { unfold p, q. rewrite !unit_value_0. unfold option_value. rewrite dot_opposite.
        apply relu_sub. }
      transitivity (z s * z s * u + z s * (p - q)); [ring|]. rewrite s_square, Epq, Eu.
      unfold Rounds.better. fold (signed_value h b).
      transitivity (relu (signed_value h a - signed_value h b) + signed_value h b); [ring|].
      rewrite <- (relu_sub K (signed_value h b)) at 2. ring.
    + specialize (IH (before ++ [u; p; q])). rewrite <- app_assoc in IH. cbn [app] in IH.
      apply IH; [lia|]. rewrite app_length. simpl. lia.
Qed.

Lemma is_order_ok p m j : is_order p m = true -> (j < m)%nat ->
    nth_error p (place_of j p) = Some j.
Proof.
  unfold is_order. rewrite forallb_forall. intros H L. specialize (H j).
  destruct (nth_error p (place_of j p)) as [i|].
  - rewrite (proj1 (Nat.eqb_eq i j)); auto. apply H, in_seq. lia.
  - discriminate H. apply in_seq. lia.
Qed.

Lemma seq_is_order m : is_order (seq 0 m) m = true.
Proof.
  unfold is_order. apply forallb_forall. intros j Hj. apply in_seq in Hj.
  assert (P : forall m a j, (a <= j < a + m)%nat -> place_of j (seq a m) = (j - a)%nat).
  { clear. induction m as [|m IH]; intros a j L; simpl; [lia|]. destruct (Nat.eqb_spec a j).
    - lia.
    - rewrite IH by lia. lia. }
  rewrite P by lia. rewrite (nth_error_nth' _ O) by (rewrite seq_length; lia).
  rewrite seq_nth by lia. apply Nat.eqb_eq. lia.
Qed.

Lemma order_for_ok p m : is_order (order_for p m) m = true.
Proof.
  unfold order_for. destruct (is_order p m) eqn:O; auto. apply seq_is_order.
Qed.

(** Options speak of units that are there. *)
Definition within (m : nat) (t : terms) := forall j, In j (map fst t) -> (N.to_nat j < m)%nat.

Lemma compare_pairs_within n : forall l k, (length l <= n)%nat ->
    Forall (within (N.to_nat k + length (fst (compare_pairs s k l)))) (snd (compare_pairs s k l)).
Proof.
  induction n as [|n IH]; intros [|a [|b l]] k L; simpl in L; try lia; try constructor.
  - intros j Hj. simpl in *. lia.
  - constructor.
  - cbn [compare_pairs]. specialize (IH l (k + 3)%N).
    destruct (compare_pairs s (k + 3)%N l) as [rs os].
    cbn [fst snd length] in *. constructor.
    + intros j Hj. simpl in *. lia.
    + eapply Forall_impl; [|apply IH; lia]. intros t W j Hj. specialize (W j Hj). lia.
Qed.

Lemma reorder_terms_ok p m h t : is_order p m = true -> within m t ->
    option_value (map (fun i => nth i h 0) p) (reorder_terms p t) = option_value h t.
Proof.
  intros O W. induction t as [|[j c] t IH]; [reflexivity|].
  assert (Wt : within m t) by (intros i Hi; apply W; right; exact Hi). specialize (IH Wt).
  unfold reorder_terms. cbn [fold_right fst snd]. fold (reorder_terms p t).
  unfold option_value in *. rewrite dot_combine, z_one, IH. cbn [dot fold_right fst snd].
  rewrite Nnat.Nat2N.id, z_one.
  assert (E : nth (place_of (N.to_nat j) p) (map (fun i => nth i h 0) p) 0 = nth (N.to_nat j) h 0).
  { apply nth_error_nth. apply (map_nth_error (fun i => nth i h 0)).
    apply (is_order_ok p m); auto. apply W. left; reflexivity. }
  rewrite E. match goal with |- context [fold_right ?f 0 t] =>
    change (fold_right f 0 t) with (dot K (fun i => nth (N.to_nat i) h 0) t) end. ring.
Qed.

Lemma reorder_rows_ok p h rs : map (unit_value h) (reorder_rows p rs) =
    map (fun i => nth i (map (unit_value h) rs) 0) p.
Proof.
  unfold reorder_rows. rewrite map_map. apply map_ext. intros i.
  assert (D : unit_value h (Row 0 []) = 0).
  { rewrite unit_value_0. unfold option_value. simpl. unfold Statement.relu.
    destruct (leb K 0 0) eqn:L; auto. }
  rewrite <- D. rewrite map_nth. reflexivity.
Qed.

Lemma all_rounds_ok fuel : forall orders l h, l <> [] -> (length l <= S fuel)%nat ->
    let (ls, out) := all_rounds s fuel orders l in
    is_max K (signed_value (hidden K ls h) out) (map (signed_value h) l).
Proof.
  assert (One : forall t h, is_max K (signed_value h t) (map (signed_value h) [t])).
  { intros t h. split; [left; auto|]. intros x [<-|[]]. apply (Rle_refl (laws K)). }
  induction fuel as [|fuel IH]; intros orders l h N L.
  - destruct l as [|a [|b l]]; simpl in L; try lia; [congruence|]. apply One.
  - destruct l as [|a [|b l]]; [congruence|apply One|]. cbn [all_rounds].
    pose proof (compare_pairs_ok _ (a :: b :: l) 0%N h [] (le_n _) eq_refl) as C.
    pose proof (compare_pairs_within _ (a :: b :: l) 0%N (le_n _)) as W.
    destruct (compare_pairs s 0 (a :: b :: l)) as [rs os] eqn:P. cbn [fst snd app N.to_nat] in C, W.
    change (0 + length rs)%nat with (length rs) in W.
    set (p := order_for (hd [] orders) (length rs)).
    assert (O : is_order p (length rs) = true) by apply order_for_ok.
    set (h1 := map (fun i => nth i (map (unit_value h) rs) 0) p).
    assert (V : map (signed_value h1) (map (reorder_terms p) os) =
        round K (map (signed_value h) (a :: b :: l))).
    { rewrite <- C, map_map. apply map_ext_in. intros t Ht. rewrite Forall_forall in W.
      unfold signed_value. f_equal. apply (reorder_terms_ok p (length rs)); auto. }
    destruct (round_length K _ (map (signed_value h) (a :: b :: l)) (le_n _)) as (R1 & R2 & R3).
    rewrite <- V, !map_length in R1, R2, R3. simpl length in R1, R2, R3.
    specialize (IH (tl orders) (map (reorder_terms p) os) h1).
    destruct (all_rounds s fuel (tl orders) (map (reorder_terms p) os)) as [ls out] eqn:Q.
    assert (E1 : layer_value K (Layer 1 (map relu_row (reorder_rows p rs))) h = h1).
    { unfold layer_value. cbn [rows divisor]. rewrite map_map. unfold h1.
      rewrite <- reorder_rows_ok. apply map_ext. intros r. reflexivity. }
    unfold hidden. cbn [fold_left]. rewrite E1. apply (round_max K _ _ _ (le_n _)). rewrite <- V.
    apply IH.
    + intros E. apply (f_equal (@length terms)) in E. rewrite map_length in E. simpl in E. lia.
    + rewrite map_length. simpl in L. lia.
Qed.

Theorem tournament_ok orders n x : (1 <= n)%nat -> length x = n -> exists m,
    compute K (tournament s orders n) x = [m] /\ is_max K (z s * m) (map (fun t => z s * t) x).
Proof.
  intros Hn L. set (l := map (fun i => [(N.of_nat i, 1%Z)]) (seq 0 n)).
  assert (V : map (signed_value x) l = map (fun t => z s * t) x).
  { transitivity (map (fun t => z s * t) (map (fun i => nth i x 0) (seq 0 (length x))));
      [|rewrite map_nth_seq; reflexivity].
    unfold l. rewrite L, !map_map. apply map_ext. intros i.
    unfold signed_value, option_value. cbn [dot fold_right fst snd].
    rewrite Nnat.Nat2N.id, z_one. ring. }
  pose proof (all_rounds_ok n orders l x) as A.
  unfold tournament. fold l. destruct (all_rounds s n orders l) as [ls out].
  exists (option_value (hidden K ls x) out). split.
  - unfold compute. cbn [layers outputs output_divisor map]. f_equal. unfold row_value.
    cbn [bias weights]. rewrite over_1, z_zero. unfold option_value. ring.
  - rewrite <- V. apply A.
    + intros E. apply (f_equal (@length terms)) in E. unfold l in E.
      rewrite map_length, seq_length in E. simpl in E. lia.
    + unfold l. rewrite map_length, seq_length. lia.
Qed.
End Sign.

Theorem max_tournament orders n x : (1 <= n)%nat -> length x = n -> exists m,
    compute K (tournament 1 orders n) x = [m] /\ is_max K m x.
Proof.
  intros Hn L.
  destruct (tournament_ok 1) with (orders := orders) (n := n) (x := x) as (m & C & M); auto.
  { rewrite z_one. ring. }
  exists m. split; auto. apply max_of_signed. exact M.
Qed.

Theorem min_tournament orders n x : (1 <= n)%nat -> length x = n -> exists m,
    compute K (tournament (-1) orders n) x = [m] /\ is_min K m x.
Proof.
  intros Hn L.
  destruct (tournament_ok (-1)) with (orders := orders) (n := n) (x := x) as (m & C & M); auto.
  { rewrite z_minus_one. ring. }
  exists m. split; auto. apply min_of_signed. exact M.
Qed.
End Tournament.
