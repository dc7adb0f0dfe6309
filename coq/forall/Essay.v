(** For every n from 1 on: the essay's network, of two layers a round, and the fused one, of one
    layer a round, compute the maximum of n inputs that are not negative. A test holds them against
    relumax's own max/essay and max/essay-fused, number by number.

    An option is a sum over the units of the layer before, and not negative. A comparison of a and b
    takes the units relu(a - b) and relu(b), whose sum is the larger; an option that has a bye,
    relu(c). *)
From Coq Require Import List ZArith Lia OrderedRing.
Import ListNotations.
From Relumax Require Import Statement Kernel FormsSound NetworkSound.
From Relumax.forall Require Import Notations Chain Rounds Tournament.
Open Scope Z_scope.

(** * The networks *)

(** The rows of a round, from unit k on, and the options after it. *)
Fixpoint nonnegative_pairs (k : N) (l : list terms) : list row * list terms := match l with
  | a :: b :: l =>
      let (rs, os) := nonnegative_pairs (k + 2)%N l in
      (Row 0 (combine_terms 1 (-1) a b) :: Row 0 b :: rs, [(k, 1); ((k + 1)%N, 1)] :: os)
  | [c] => ([Row 0 c], [[(k, 1)]])
  | [] => ([], [])
  end.
(** The first m inputs, or units, each an option. *)
Definition single_options (m : nat) : list terms := map (fun i => [(N.of_nat i, 1)]) (seq 0 m).
Definition relu_layer (rs : list row) : layer := Layer 1 (map relu_row rs).
(** The essay: a layer for the units of a comparison, and one for their sum. *)
Fixpoint essay_rounds (fuel m : nat) : list layer := match fuel, m with
  | S fuel, S (S _) =>
      let (rs, os) := nonnegative_pairs 0 (single_options m) in
      relu_layer rs :: relu_layer (map (Row 0) os) :: essay_rounds fuel (length os)
  | _, _ => []
  end.
Definition essay (n : nat) : network := Network n (essay_rounds n n) 1 [Row 0 [(0%N, 1)]].
(** Fused: the sum is left to the next comparison, the last one to a layer of its own. *)
Fixpoint fused_rounds (fuel : nat) (l : list terms) : list layer * terms := match fuel, l with
  | S fuel, _ :: _ :: _ =>
      let (rs, os) := nonnegative_pairs 0 l in
      let (ls, out) := fused_rounds fuel os in (relu_layer rs :: ls, out)
  | _, _ => ([], hd [] l)
  end.
Definition essay_fused (n : nat) : network :=
  let (ls, out) := fused_rounds n (single_options n) in
  Network n (ls ++ [relu_layer [Row 0 out]]) 1 [Row 0 [(0%N, 1)]].

(** * What they compute *)

Section Essay.
Variable K : OrderedField.
Open Scope field_scope.
Notation relu := (relu K).
Notation option_value := (option_value K).
Notation unit_value := (unit_value K).
Add Ring Kring : (SORrt (laws K)).

Lemma relu_same x : 0 <= x -> relu x = x.
Proof.
  intros P. unfold Statement.relu. destruct (leb K x 0) eqn:A; auto. apply leb_spec in A.
  apply (Rle_antisymm (laws K)); auto.
Qed.

Lemma better_nonnegative a b : 0 <= b -> better K a b = relu (a - b) + relu b.
Proof.
  intros P. unfold better. transitivity (relu (a - b) + (relu b - relu (- b))); [ring|].
  rewrite relu_sub, (relu_same b P). reflexivity.
Qed.

Lemma round_nonnegative n : forall l, (length l <= n)%nat -> Forall (le K 0) l ->
    Forall (le K 0) (round K l).
Proof.
  induction n as [|n IH]; intros [|a [|b l]] L P; simpl in L; try lia; auto.
  inversion P as [|? ? Pa P']; subst. inversion P' as [|? ? Pb Pl]; subst. cbn [round].
  constructor; [|apply IH; auto; lia].
  destruct (better_max K a b) as [[E _]|[E _]]; rewrite E; auto.
Qed.

Lemma single_options_value h : map (option_value h) (single_options (length h)) = h.
Proof.
  rewrite <- (map_nth_seq K h) at 3. unfold single_options. rewrite map_map. apply map_ext.
  intros i. unfold Tournament.option_value. cbn [dot fold_right fst snd].
  rewrite Nnat.Nat2N.id, z_one. ring.
Qed.

(** The values of the units before k, then of those of the round. *)
Lemma nonnegative_pairs_ok n : forall l k h before, (length l <= n)%nat ->
    length before = N.to_nat k -> Forall (le K 0) (map (option_value h) l) ->
    map (option_value (before ++ map (unit_value h) (fst (nonnegative_pairs k l))))
      (snd (nonnegative_pairs k l)) = round K (map (option_value h) l).
Proof.
  induction n as [|n IH]; intros [|a [|b l]] k h before L B P; simpl in L; try lia;
    try reflexivity; cbn [map] in P; inversion P as [|? ? Pa P']; subst.
  - cbn [nonnegative_pairs fst snd map round]. f_equal. unfold Tournament.option_value at 1.
    cbn [dot fold_right fst snd]. rewrite z_one, app_nth2 by lia.
    replace (N.to_nat k - length before)%nat with 0%nat by lia. cbn [nth].
    rewrite unit_value_0, relu_same by exact Pa. ring.
  - inversion P' as [|? ? Pb Pl]; subst. cbn [nonnegative_pairs]. specialize (IH l (k + 2)%N h).
    destruct (nonnegative_pairs (k + 2)%N l) as [rs os]. cbn [fst snd] in IH |- *.
    cbn [map round]. set (u := unit_value h (Row 0 (combine_terms 1 (-1) a b))).
    set (p := unit_value h (Row 0 b)). f_equal.
    + unfold Tournament.option_value at 1. cbn [dot fold_right fst snd]. rewrite z_one.
      rewrite !app_nth2 by lia. replace (N.to_nat k - length before)%nat with 0%nat by lia.
      replace (N.to_nat (k + 1) - length before)%nat with 1%nat by lia. cbn [nth].
      rewrite (better_nonnegative _ _ Pb). unfold u, p. rewrite !unit_value_0.
      unfold Tournament.option_value at 1. rewrite dot_combine, z_one, z_minus_one.
      fold (option_value h a) (option_value h b).
      match goal with |- context [relu (mul K (one K) ?x + mul K (- one K) ?y)] =>
        replace (mul K (one K) x + mul K (- one K) y) with (x - y) by ring end. ring.
    + specialize (IH (before ++ [u; p])). rewrite <- app_assoc in IH. cbn [app] in IH.
      apply IH; [lia| |exact Pl]. rewrite app_length. simpl. lia.
Qed.

Lemma relu_layer_value rs h : layer_value K (relu_layer rs) h = map (unit_value h) rs.
Proof.
  unfold layer_value, relu_layer. cbn [rows divisor]. rewrite map_map. apply map_ext.
  intros r. reflexivity.
Qed.

Lemma is_max_nonnegative v l : is_max K v l -> Forall (le K 0) l -> 0 <= v.
Proof.
  intros [I _] P. rewrite Forall_forall in P. auto.
Qed.

Lemma essay_rounds_ok fuel : forall h, (1 <= length h <= S fuel)%nat -> Forall (le K 0) h ->
    exists v, hidden K (essay_rounds fuel (length h)) h = [v] /\ is_max K v h.
Proof.
  assert (One : forall a, is_max K a [a])
    by (intros a; split; [left; auto|intros x [<-|[]]; apply (Rle_refl (laws K))]).
  induction fuel as [|fuel IH]; intros h L P.
  - destruct h as [|a [|b h]]; simpl in L; try lia. exists a. split; [reflexivity|apply One].
  - destruct h as [|a [|b h]]; simpl in L; [lia|exists a; split; [reflexivity|apply One]|].
    set (l := a :: b :: h) in *. assert (V := single_options_value l).
    change (length l) with (S (S (length h))) in V |- *. cbn [essay_rounds].
    assert (Pl : Forall (le K 0) (map (option_value l) (single_options (S (S (length h))))))
      by (rewrite V; exact P).
    pose proof (nonnegative_pairs_ok _ _ 0%N l [] (le_n _) eq_refl Pl) as C. cbn [app] in C.
    rewrite V in C. destruct (nonnegative_pairs 0 (single_options (S (S (length h))))) as [rs os].
    cbn [fst snd] in C. unfold hidden. cbn [fold_left].
    assert (R := round_nonnegative _ l (le_n _) P). rewrite !relu_layer_value, map_map.
    assert (E : map (fun t => unit_value (map (unit_value l) rs) (Row 0 t)) os = round K l).
    { rewrite <- C. apply map_ext_in. intros t Ht. rewrite unit_value_0. apply relu_same.
      rewrite <- C, Forall_forall in R. apply R, in_map, Ht. }
    rewrite E. assert (N : length os = length (round K l)) by (rewrite <- C, map_length; auto).
    rewrite N. destruct (round_length K _ l (le_n _)) as (_ & R2 & R3).
    change (length l) with (S (S (length h))) in R2, R3.
    destruct (IH (round K l)) as (v & H & M); [lia|exact R|]. exists v. split; [exact H|].
    apply (round_max K _ _ _ (le_n _) M).
Qed.

Lemma fused_rounds_ok fuel : forall l h, (1 <= length l <= S fuel)%nat ->
    Forall (le K 0) (map (option_value h) l) -> let (ls, out) := fused_rounds fuel l in
    is_max K (option_value (hidden K ls h) out) (map (option_value h) l).
Proof.
  assert (One : forall t h, is_max K (option_value h t) (map (option_value h) [t]))
    by (intros t h; split; [left; auto|intros x [<-|[]]; apply (Rle_refl (laws K))]).
  induction fuel as [|fuel IH]; intros [|a [|b l]] h L P; simpl in L; try lia; try apply One.
  cbn [fused_rounds]. pose proof (nonnegative_pairs_ok _ _ 0%N h [] (le_n _) eq_refl P) as C.
  cbn [app] in C. destruct (nonnegative_pairs 0 (a :: b :: l)) as [rs os]. cbn [fst snd] in C.
  assert (R := round_nonnegative _ _ (le_n _) P). rewrite <- C in R.
  destruct (round_length K _ (map (option_value h) (a :: b :: l)) (le_n _)) as (_ & R2 & R3).
  rewrite <- C, !map_length in R2, R3. simpl length in R2, R3.
  assert (N : (1 <= length os <= S fuel)%nat) by lia. specialize (IH os _ N R).
  destruct (fused_rounds fuel os) as [ls out]. unfold hidden. cbn [fold_left].
  rewrite relu_layer_value. apply (round_max K _ _ _ (le_n _)). rewrite <- C. exact IH.
Qed.

Lemma first_unit v : map (row_value K 1 [v]) [Row 0 [(0%N, 1%Z)]] = [v].
Proof.
  cbn [map]. unfold row_value. cbn [bias weights dot fold_right fst snd N.to_nat nth].
  rewrite over_1, z_one, z_zero. f_equal. ring.
Qed.

Theorem max_essay n x : (1 <= n)%nat -> length x = n -> Forall (le K 0) x ->
    exists m, compute K (essay n) x = [m] /\ is_max K m x.
Proof.
  intros Hn L P. subst n. destruct (essay_rounds_ok (length x) x) as (v & H & M); [lia|auto|].
  exists v. split; [|exact M]. unfold compute, essay. cbn [layers outputs output_divisor].
  rewrite H. apply first_unit.
Qed.

Theorem max_essay_fused n x : (1 <= n)%nat -> length x = n -> Forall (le K 0) x ->
    exists m, compute K (essay_fused n) x = [m] /\ is_max K m x.
Proof.
  intros Hn L P. subst n. assert (V := single_options_value x).
  pose proof (fused_rounds_ok (length x) (single_options (length x)) x) as H.
  rewrite V in H. unfold single_options in H at 1 2. rewrite map_length, seq_length in H.
  specialize (H ltac:(lia) P). unfold essay_fused.
  destruct (fused_rounds (length x) (single_options (length x))) as [ls out].
  exists (option_value (hidden K ls x) out). split; [|exact H]. unfold compute.
  cbn [layers outputs output_divisor]. unfold hidden. rewrite fold_left_app. cbn [fold_left].
  fold (hidden K ls x). rewrite relu_layer_value. cbn [map]. rewrite unit_value_0.
  rewrite relu_same by exact (is_max_nonnegative _ _ H P). apply first_unit.
Qed.
End Essay.
