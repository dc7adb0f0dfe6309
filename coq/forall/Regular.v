(** For every program of relus a network that carries it out, and needlessly many units: each layer
    computes one relu more, and passes on all that was there, v by relu(v) and relu(-v). *)
From Coq Require Import List ZArith Lia OrderedRing.
Import ListNotations.
From Relumax Require Import Statement Kernel FormsSound NetworkSound.
From Relumax.forall Require Import Notations Chain Rounds Tournament Essay Carried.

(** A sum over values, v being unit 2 v minus unit 2 v + 1. *)
Definition doubled (t : terms) : terms := flat_map (fun jc =>
  [((2 * fst jc)%N, snd jc); ((2 * fst jc + 1)%N, (- snd jc)%Z)]) t.
Definition both (t : terms) : list row := [Row 0 t; Row 0 (opposite_terms t)].
Fixpoint regular_layers (m : nat) (args : list terms) : list layer := match args with
  | [] => []
  | a :: args => relu_layer (flat_map both (map doubled (single_options m)) ++
      [Row 0 (doubled a); Row 0 []]) :: regular_layers (S m) args
  end.
Definition regular (n : nat) (args outs : list terms) : network := Network n
  (relu_layer (flat_map both (single_options n)) :: regular_layers n args) 1
  (map (fun t => Row 0 (doubled t)) outs).

Section Regular.
Variable K : OrderedField.
Open Scope field_scope.
Notation relu := (relu K).
Notation option_value := (option_value K).
Notation unit_value := (unit_value K).
Add Ring Kring : (SORrt (laws K)).

Definition spread (l : list (K * K)) : list K := flat_map (fun p => [fst p; snd p]) l.
Definition told (l : list (K * K)) : list K := map (fun p => fst p - snd p) l.
Definition pairs_of (v : list K) : list (K * K) := map (fun a => (relu a, relu (- a))) v.

Lemma nth_spread l : forall j, nth (2 * j) (spread l) 0 = fst (nth j l (0, 0)) /\
    nth (2 * j + 1) (spread l) 0 = snd (nth j l (0, 0)).
Proof.
  induction l as [|p l IH]; intros [|j]; try (split; reflexivity).
  replace (2 * S j)%nat with (S (S (2 * j))) by lia.
  replace (S (S (2 * j)) + 1)%nat with (S (S (2 * j + 1))) by lia. exact (IH j).
Qed.

Lemma doubled_value l t : option_value (spread l) (doubled t) = option_value (told l) t.
Proof.
  induction t as [|[j c] t IH]; [reflexivity|].
  change (option_value (spread l) (doubled ((j, c) :: t))) with
    (add K (mul K (z K c) (nth (N.to_nat (2 * j)) (spread l) 0))
      (add K (mul K (z K (- c)) (nth (N.to_nat (2 * j + 1)) (spread l) 0))
        (option_value (spread l) (doubled t)))).
  change (option_value (told l) ((j, c) :: t)) with
    (add K (mul K (z K c) (nth (N.to_nat j) (told l) 0)) (option_value (told l) t)).
  destruct (nth_spread l (N.to_nat j)) as [E1 E2].
  replace (N.to_nat (2 * j)) with (2 * N.to_nat j)%nat by lia.
  replace (N.to_nat (2 * j + 1)) with (2 * N.to_nat j + 1)%nat by lia.
  rewrite E1, E2, IH, z_opp. assert (E : nth (N.to_nat j) (told l) 0 =
    fst (nth (N.to_nat j) l (0, 0)) - snd (nth (N.to_nat j) l (0, 0))).
  { transitivity (nth (N.to_nat j) (told l) (0 - 0)); [f_equal; ring|].
    exact (map_nth (fun p => fst p - snd p) l (0, 0) (N.to_nat j)). }
  rewrite E. ring.
Qed.

Lemma both_value h ts : map (unit_value h) (flat_map both ts) =
    spread (pairs_of (map (option_value h) ts)).
Proof.
  induction ts as [|t ts IH]; [reflexivity|]. cbn [flat_map both app map pairs_of spread fst snd].
  rewrite IH, !unit_value_0. unfold Tournament.option_value at 2. rewrite dot_opposite. reflexivity.
Qed.

Lemma told_pairs v : told (pairs_of v) = v.
Proof.
  unfold told, pairs_of. rewrite map_map. transitivity (map (fun a : K => a) v); [|apply map_id].
  apply map_ext. intros a. apply relu_sub.
Qed.

Lemma regular_layers_ok args : forall m l, length l = m -> exists l',
    hidden K (regular_layers m args) (spread l) = spread l' /\ told l' = build K (told l) args.
Proof.
  induction args as [|a args IH]; intros m l L; [exists l; split; reflexivity|].
  cbn [regular_layers]. unfold hidden. cbn [fold_left]. rewrite relu_layer_value, map_app.
  rewrite both_value, map_map.
  assert (E : map (fun t => option_value (spread l) (doubled t)) (single_options m) = told l).
  { transitivity (map (option_value (told l)) (single_options (length (told l)))).
    - unfold told at 2. rewrite map_length, L. apply map_ext. intros t. apply doubled_value.
    - apply single_options_value. }
  rewrite E. cbn [map]. rewrite !unit_value_0, doubled_value.
  change (option_value (spread l) []) with (zero K). set (r := relu (option_value (told l) a)).
  destruct (IH (S m) (pairs_of (told l) ++ [(r, relu 0)])) as (l' & H & T).
  { unfold pairs_of, told. rewrite app_length, !map_length. simpl. lia. }
  exists l'. split.
  - rewrite <- H. unfold hidden. f_equal. unfold spread. rewrite flat_map_app. reflexivity.
  - rewrite T. change (build K (told l) (a :: args)) with (build K (told l ++ [r]) args).
    assert (E1 : told (pairs_of (told l) ++ [(r, relu 0)]) = told l ++ [r]).
    { unfold told at 1. rewrite map_app. fold (told (pairs_of (told l))). rewrite told_pairs.
      cbn [map fst snd]. rewrite (relu_same K 0) by apply (Rle_refl (laws K)).
      replace (r - 0) with r by ring. reflexivity. }
    rewrite E1. reflexivity.
Qed.

Theorem regular_ok n args outs x : length x = n ->
    compute K (regular n args outs) x = map (option_value (build K x args)) outs.
Proof.
  intros L. unfold compute, regular. cbn [layers outputs output_divisor]. unfold hidden.
  cbn [fold_left]. rewrite relu_layer_value, both_value. rewrite <- L, single_options_value.
  destruct (regular_layers_ok args (length x) (pairs_of x)) as (l & H & T).
  { unfold pairs_of. apply map_length. }
  unfold hidden in H. rewrite H, map_map. rewrite told_pairs in T. apply map_ext. intros t.
  unfold row_value. cbn [bias weights]. rewrite over_1, z_zero, <- T, <- doubled_value.
  unfold Tournament.option_value. ring.
Qed.
End Regular.
