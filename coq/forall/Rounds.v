(** A round of the tournament: neighbours are compared, the odd one has a bye. The largest of what
    is left is the largest of all. *)
From Coq Require Import List ZArith Lia OrderedRing.
Import ListNotations.
From Relumax Require Import Statement FormsSound.
From Relumax.forall Require Import Notations Chain.

Section Rounds.
Variable K : OrderedField.
Open Scope field_scope.
Notation relu := (relu K).
Add Ring Kring : (SORrt (laws K)).

(** What a comparison of the network computes: the larger of a and b. *)
Definition better a b := relu (a - b) + relu b - relu (- b).
Fixpoint round (l : list K) := match l with a :: b :: l => better a b :: round l | _ => l end.

Lemma better_max a b : (better a b = b /\ a <= b) \/ (better a b = a /\ b <= a).
Proof.
  replace (better a b) with (b + relu (a - b)). apply relu_max. unfold better.
  transitivity (relu (a - b) + (relu b - relu (- b))). rewrite relu_sub. ring. ring.
Qed.

Lemma round_max v n : forall l, (length l <= n)%nat -> is_max K v (round l) -> is_max K v l.
Proof.
  induction n as [|n IH]; intros [|a [|b l]] L M; auto. simpl in L; lia. simpl in *.
  destruct M as [M1 M2]. assert (L' : (length l <= n)%nat) by lia.
  assert (B : better a b <= v) by (apply M2; left; auto).
  assert (Hab : a <= v /\ b <= v) by (destruct (better_max a b) as [[E X]|[E X]]; rewrite E in B;
    split; auto; eapply (Rle_trans (laws K)); eauto). assert (R : forall x, In x l -> x <= v).
  { destruct l as [|c l]; [intros x []|]. intros x Hx.

(* the best of the rest is at most v *)
    assert (T : forall m (l : list K), (length l <= m)%nat -> (forall y, In y (round l) -> y <=
      v) -> forall y, In y l -> y <= v).
    { clear. induction m as [|m IHm]; intros [|p [|q l]] L H y Hy; auto; simpl in L; try lia.
      simpl in *. assert (B : better p q <= v) by (apply H; left; auto).
      destruct Hy as [<-|[<-|Hy]]; [| |apply (IHm l); [lia|intros y0 H0; apply H; right; exact
        H0|exact Hy]]; destruct (better_max p q) as [[E X]|[E X]]; rewrite E in B; auto; eapply
        (Rle_trans (laws K)); eauto. }
    apply (T _ (c :: l) (le_n _)); auto. intros y Hy. apply M2. right; exact Hy. }
  split.
  - destruct M1 as [M1|M1].
    destruct (better_max a b) as [[E _]|[E _]]; rewrite E in M1; [right; left|left]; auto.
    right; right. apply (IH l L'). split; [exact M1|intros y Hy; apply M2; right; exact Hy].
  - intros x [<-|[<-|Hx]]; [apply Hab|apply Hab|auto].
Qed.

Lemma round_length n : forall l, (length l <= n)%nat -> (length (round l) <= length l)%nat /\
    (2 <= length l -> length (round l) < length l)%nat /\
    (1 <= length l -> 1 <= length (round l))%nat.
Proof.
  induction n as [|n IH]; intros [|a [|b l]] L; simpl in *; try lia. destruct (IH l); lia.
Qed.

End Rounds.
