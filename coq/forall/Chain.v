(** For every n from 2 on: the network of max/chain computes the maximum of its n inputs, that of
    min/chain the minimum. A test holds [chain] against relumax's own networks, number by number.

    With s = 1 for max and -1 for min: the first input is the running best m, carried as relu(m) and
    relu(-m); of each other input that waits, relu(s (x - m)) is carried. *)
From Coq Require Import List ZArith Lia OrderedRing.
Import ListNotations.
From Relumax Require Import Statement FormsSound NetworkSound.
From Relumax.forall Require Import Notations.
Open Scope Z_scope.

(** * The network *)

Definition variables_from (i : nat) (k : nat) : list N := map N.of_nat (seq i k).
(** Those that still wait are compared with the first of them. *)
Definition wait (k : nat) : list (kind * row) :=
  map (fun i => (Relu, Row 0 [(0%N, -1); (i, 1)])) (variables_from 1 k).
Definition wait_first (s : Z) (k : nat) : list (kind * row) :=
  map (fun i => (Relu, Row 0 [(0%N, - s); (i, s)])) (variables_from 1 k).
Definition first_layer (s : Z) (n : nat) : layer := Layer 1
  (wait_first s (n - 1) ++ [(Relu, Row 0 [(0%N, 1)]); (Relu, Row 0 [(0%N, -1)])]).
Definition next_layer (s : Z) (j : nat) : layer :=
  let p := N.of_nat j in let q := N.of_nat (S j) in
  Layer 1 (wait (j - 1) ++ [(Relu, Row 0 [(0%N, s); (p, 1); (q, -1)]);
                            (Relu, Row 0 [(0%N, - s); (p, -1); (q, 1)])]).
Fixpoint next_layers (s : Z) (j : nat) : list layer := match j with
  | S (S _ as k) => next_layer s (S k) :: next_layers s k
  | _ => []
  end.
Definition chain (s : Z) (n : nat) : network :=
  Network n (first_layer s n :: next_layers s (n - 1)) 1 [Row 0 [(0%N, s); (1%N, 1); (2%N, -1)]].

(** * What it computes *)

Section Chain.
Variable K : OrderedField.
Open Scope field_scope.
Notation relu := (relu K).
Notation z := (z K).
Add Ring Kring : (SORrt (laws K)).

Lemma relu_sub x : relu x - relu (- x) = x.
Proof.
  unfold Statement.relu. destruct (leb K x 0) eqn:A, (leb K (- x) 0) eqn:B; try ring.
  - apply leb_spec in A, B. apply le_opp in B. rewrite (Rle_antisymm (laws K) x 0 A B). ring.
  - exfalso. destruct (le_total K x 0) as [H|H].
    + apply leb_spec in H. congruence.
    + apply lt_le, le_opp, leb_spec in H. congruence.
Qed.

(** m + relu(t - m) is the larger of m and t. *)
Lemma relu_max m t : (m + relu (t - m) = m /\ t <= m) \/ (m + relu (t - m) = t /\ m <= t).
Proof.
  unfold Statement.relu. destruct (leb K (t - m) 0) eqn:A.
  - left. apply leb_spec in A. split. ring. apply (rel2_sub K LE); auto.
  - right. split. ring. destruct (le_total K (t - m) 0) as [H|H].
    + apply leb_spec in H. congruence.
    + apply (Rle_le_minus (laws K)). apply lt_le. exact H.
Qed.

(** The largest of max(m, t) for all t is the largest of m and all t. *)
Lemma step_max m t l v :
    is_max K v (map (fun t => m + relu (t - m)) (t :: l)) -> is_max K v (m :: t :: l).
Proof.
  intros [M1 M2].
  assert (U : forall u, In u (t :: l) -> m <= v /\ u <= v).
  { intros u Hu. pose proof (M2 _ (in_map (fun t => m + relu (t - m)) _ _ Hu)) as H.
    cbv beta in H. destruct (relu_max m u) as [[E L]|[E L]]; rewrite E in H; split; auto;
      eapply (Rle_trans (laws K)); eauto. }
  split.
  - apply in_map_iff in M1 as [u [E Hu]].
    destruct (relu_max m u) as [[E' _]|[E' _]]; rewrite E' in E; subst; [left|right]; auto.
  - intros u [<-|Hu]; [apply (U t); left; auto|apply U; auto].
Qed.

Lemma z_one : z 1%Z = one K. Proof. reflexivity. Qed.
Lemma z_minus_one : z (-1)%Z = - one K. Proof. reflexivity. Qed.
Lemma z_zero : z 0%Z = 0. Proof. reflexivity. Qed.

(** The value of a row over 1, with its weights written out. *)
Ltac row_values := unfold row_value; cbn [bias weights dot fold_right fst snd];
  rewrite over_1, ?z_opp, ?z_one, ?z_minus_one, ?z_zero.

Lemma wait_value e0 es l :
    map (fun r => act K (fst r) (row_value K 1 (e0 :: es ++ l) (snd r))) (wait (length es)) =
    map (fun t => relu (t - e0)) es.
Proof.
  unfold wait, variables_from. rewrite !map_map. rewrite <- seq_shift, map_map.
  transitivity (map (fun i => relu (nth i (es ++ l) 0 - e0)) (seq O (length es))).
  - apply map_ext. intros i. cbn [fst snd act]. row_values.
    replace (N.to_nat (N.of_nat (S i))) with (S i) by lia. change (N.to_nat 0) with O.
    cbn [nth]. f_equal. ring.
  - revert l. induction es as [|e es IH]; intros l; simpl; auto. f_equal.
    rewrite <- seq_shift, map_map. apply IH.
Qed.

Lemma wait_first_value s x0 xs :
    map (fun r => act K (fst r) (row_value K 1 (x0 :: xs) (snd r))) (wait_first s (length xs)) =
    map (fun t => relu (z s * t - z s * x0)) xs.
Proof.
  unfold wait_first, variables_from. rewrite !map_map. rewrite <- seq_shift, map_map.
  transitivity (map (fun i => relu (z s * nth i xs 0 - z s * x0)) (seq O (length xs))).
  - apply map_ext. intros i. cbn [fst snd act]. row_values.
    replace (N.to_nat (N.of_nat (S i))) with (S i) by lia. change (N.to_nat 0) with O.
    cbn [nth]. f_equal. ring.
  - transitivity (map (fun t => relu (z s * t - z s * x0))
      (map (fun i => nth i xs 0) (seq 0 (length xs)))).
    + rewrite map_map. reflexivity.
    + rewrite map_nth_seq. reflexivity.
Qed.

Lemma next_value s e0 es p q :
    layer_value K (next_layer s (S (length es))) (e0 :: es ++ [p; q]) =
    map (fun t => relu (t - e0)) es ++ [relu (z s * e0 + p - q); relu (- (z s * e0 + p - q))].
Proof.
  unfold layer_value, next_layer. cbn [divisor rows]. rewrite map_app.
  rewrite Nat.sub_succ, Nat.sub_0_r, wait_value. f_equal. cbn [map fst snd act]. row_values.
  unfold row_value; cbn [bias weights dot fold_right fst snd].
  rewrite over_1, ?z_opp, ?z_one, ?z_minus_one, ?z_zero.
  rewrite !Nnat.Nat2N.id. change (N.to_nat 0) with O.
  cbn [nth]. rewrite !app_nth2 by lia. rewrite Nat.sub_diag.
  replace (S (length es) - length es)%nat with 1%nat by lia. cbn [nth].
  f_equal; [|f_equal]; f_equal; ring.
Qed.

Section Sign.
Variable s : Z.
Hypothesis s_square : z s * z s = one K.

Lemma next_layers_ok j : forall e p q, length e = S j -> exists e' p' q',
    hidden K (next_layers s (S j)) (e ++ [p; q]) = [e'; p'; q'] /\
    is_max K (e' + z s * (p' - q')) (map (fun t => t + z s * (p - q)) e).
Proof.
  induction j as [|j IH]; intros [|e0 es] p q L; try discriminate; injection L as L.
  - destruct es; [|discriminate]. exists e0, p, q. split. reflexivity. split; [left; auto|].
    intros x [<-|[]]. apply (Rle_refl (laws K)).
  - change (next_layers s (S (S j))) with (next_layer s (S (S j)) :: next_layers s (S j)).
    unfold hidden. cbn [fold_left]. rewrite <- L. cbn [app]. rewrite next_value, L.
    set (m := z s * e0 + p - q).
    destruct (IH (map (fun t => relu (t - e0)) es) (relu m) (relu (- m)))
      as (e' & p' & q' & H & M). rewrite map_length; auto.
    exists e', p', q'. split. rewrite <- H. reflexivity.
    destruct es as [|t es]; [discriminate|]. cbn [map].
    assert (Em : e0 + z s * (p - q) = z s * m).
    { unfold m. transitivity (z s * z s * e0 + z s * (p - q)); [rewrite s_square|]; ring. }
    rewrite Em.
    apply (step_max (z s * m) (t + z s * (p - q)) (map (fun t => t + z s * (p - q)) es)).
    change (t + z s * (p - q) :: map (fun t0 => t0 + z s * (p - q)) es)
      with (map (fun t => t + z s * (p - q)) (t :: es)).
    rewrite map_map. rewrite map_map in M. erewrite map_ext; [exact M|]. intros u. cbv beta.
    replace (u + z s * (p - q) - z s * m) with (u - e0) by (rewrite <- Em; ring).
    transitivity (relu (u - e0) + z s * m); [ring|].
    rewrite <- (relu_sub m) at 1. reflexivity.
Qed.

Theorem chain_ok n x : (2 <= n)%nat -> length x = n -> exists m,
    compute K (chain s n) x = [m] /\ is_max K (z s * m) (map (fun t => z s * t) x).
Proof.
  intros Hn L. destruct x as [|x0 [|x1 xs]]; simpl in L; try lia. subst n.
  unfold compute, chain. cbn [layers outputs output_divisor map]. unfold hidden. cbn [fold_left].
  assert (F : layer_value K (first_layer s (S (S (length xs)))) (x0 :: x1 :: xs) =
    map (fun t => relu (z s * t - z s * x0)) (x1 :: xs) ++ [relu x0; relu (- x0)]).
  { unfold layer_value, first_layer. cbn [divisor rows]. rewrite map_app.
    rewrite Nat.sub_succ, Nat.sub_0_r. change (S (length xs)) with (length (x1 :: xs)).
    rewrite wait_first_value. f_equal. cbn [map fst snd act].
    unfold row_value; cbn [bias weights dot fold_right fst snd].
    rewrite !over_1, z_one, z_minus_one, z_zero. cbn [N.to_nat nth].
    f_equal; [|f_equal]; f_equal; ring. }
  rewrite F. rewrite Nat.sub_succ, Nat.sub_0_r.
  destruct (next_layers_ok (length xs) (map (fun t => relu (z s * t - z s * x0)) (x1 :: xs))
    (relu x0) (relu (- x0))) as (e & p & q & H & M). rewrite map_length; auto.
  unfold hidden in H. rewrite H. exists (z s * e + p - q). split.
  - f_equal. unfold row_value; cbn [bias weights dot fold_right fst snd].
    rewrite over_1, z_one, z_minus_one, z_zero. change (N.to_nat 0) with O.
    change (N.to_nat 1) with 1%nat. change (N.to_nat 2) with 2%nat. cbn [nth]. ring.
  - replace (z s * (z s * e + p - q)) with (e + z s * (p - q))
      by (transitivity (z s * z s * e + z s * (p - q)); [rewrite s_square|]; ring).
    cbn [map]. apply step_max. rewrite map_map in M.
    change (z s * x1 :: map (fun t => z s * t) xs) with (map (fun t => z s * t) (x1 :: xs)).
    rewrite map_map. erewrite map_ext; [exact M|]. intros u. cbv beta.
    transitivity (relu (z s * u - z s * x0) + z s * x0); [ring|].
    rewrite <- (relu_sub x0) at 2. reflexivity.
Qed.
End Sign.

(** * The two theorems *)

Lemma max_of_signed m x : is_max K (z 1%Z * m) (map (fun t => z 1%Z * t) x) -> is_max K m x.
Proof.
  rewrite z_one. replace (one K * m) with m by ring.
  rewrite (map_ext _ (fun t => t)) by (intros; ring). rewrite map_id. auto.
Qed.

Lemma min_of_signed m x : is_max K (z (-1)%Z * m) (map (fun t => z (-1)%Z * t) x) -> is_min K m x.
Proof.
  rewrite z_minus_one. intros [M1 M2]. split.
  - apply in_map_iff in M1 as (u & E & Hu). replace m with u; auto.
    transitivity (- (- one K * u)); [ring|]. rewrite E. ring.
  - intros u Hu. pose proof (M2 _ (in_map (fun t => - one K * t) _ _ Hu)) as H. cbv beta in H.
    apply (Rle_le_minus (laws K)) in H. apply (Rle_le_minus (laws K)).
    replace (u - m) with (- one K * m - - one K * u) by ring. exact H.
Qed.

Theorem max_chain n x : (2 <= n)%nat -> length x = n ->
    exists m, compute K (chain 1 n) x = [m] /\ is_max K m x.
Proof.
  intros Hn L. destruct (chain_ok 1) with (n := n) (x := x) as (m & C & M); auto.
  { rewrite z_one. ring. }
  exists m. split; auto. apply max_of_signed. exact M.
Qed.

Theorem min_chain n x : (2 <= n)%nat -> length x = n ->
    exists m, compute K (chain (-1) n) x = [m] /\ is_min K m x.
Proof.
  intros Hn L. destruct (chain_ok (-1)) with (n := n) (x := x) as (m & C & M); auto.
  { rewrite z_minus_one. ring. }
  exists m. split; auto. apply min_of_signed. exact M.
Qed.
End Chain.
