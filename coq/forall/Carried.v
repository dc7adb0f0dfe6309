(** Networks of programs of relus, whatever they carry: what a later layer needs, a layer passes on
    by units of its own, which the compiler chooses so that they are few. [carries_out] follows the
    layers of a network and finds, for each unit, what it is in terms of the program. *)
From Coq Require Import List ZArith Lia Bool OrderedRing.
Import ListNotations.
From Relumax Require Import Statement Kernel FormsSound NetworkSound.
From Relumax.forall Require Import Notations Chain Rounds Tournament Essay.

(** * Following a network

    A program over n inputs: the relus' arguments, of which number k may use the inputs 0 to n - 1
    and the relus before it, n to n + k - 1; and its outputs. *)

Definition terms_eq_dec (t u : terms) : {t = u} + {t <> u}.
Proof.
  repeat decide equality.
Defined.
Fixpoint find_terms (t : terms) (l : list terms) : option nat := match l with
  | [] => None
  | u :: l => if terms_eq_dec t u then Some O else option_map S (find_terms t l)
  end.
(** A sum over units, each written in terms of the program. *)
Definition expand (es : list terms) (w : terms) : terms := fold_right (fun jc t =>
  combine_terms (snd jc) 1 (nth (N.to_nat (fst jc)) es []) t) [] w.
Definition relus_only (n k : nat) (t : terms) : bool := forallb (fun jc =>
  (n <=? N.to_nat (fst jc))%nat && (N.to_nat (fst jc) <? n + k)%nat && (0 <=? snd jc)%Z) t.
(** What relu(arg) is: a relu of the program; the opposite of one; arg itself; what an earlier unit
    of the layer tells, being relu(-arg); or else the unit itself, as a variable. *)
Definition unit_terms (n : nat) (args : list terms) (before : list (terms * terms)) (own : nat)
    (arg : terms) : terms := match find_terms arg args with
  | Some k => [(N.of_nat (n + k), 1%Z)]
  | None => match find_terms (opposite_terms arg) args with
    | Some k => combine_terms 1 1 arg [(N.of_nat (n + k), 1%Z)]
    | None => if relus_only n (length args) arg then arg else
        match find (fun p => if terms_eq_dec (opposite_terms arg) (fst p) then true else false)
          before with
        | Some p => combine_terms 1 1 arg (snd p)
        | None => [(N.of_nat own, 1%Z)]
        end
    end
  end.
Fixpoint follow_units (n : nat) (args : list terms) (before : list (terms * terms)) (own : nat)
    (l : list terms) : list terms := match l with
  | [] => []
  | a :: l => let e := unit_terms n args before own a in
      e :: follow_units n args ((a, e) :: before) (S own) l
  end.
Definition plain_row (r : row) : bool := (bias r =? 0)%Z.
Definition plain_unit (u : kind * row) : bool :=
  match fst u with Relu => plain_row (snd u) | Step => false end.
Fixpoint follow (n : nat) (args : list terms) (own : nat) (es : list terms) (ls : list layer)
    : option (list terms) := match ls with
  | [] => Some es
  | l :: ls => if Pos.eqb (divisor l) 1 && forallb plain_unit (rows l) then
      follow n args (own + length (rows l))
        (follow_units n args [] own (map (fun u => expand es (weights (snd u))) (rows l))) ls
      else None
  end.
Definition earlier_only (n : nat) (args : list terms) : bool := forallb (fun ka =>
  forallb (fun jc => (N.to_nat (fst jc) <? n + fst ka)%nat) (snd ka))
  (combine (seq 0 (length args)) args).
Definition carries_out (args outs : list terms) (net : network) : bool :=
  let n := inputs net in earlier_only n args && Pos.eqb (output_divisor net) 1 &&
  forallb plain_row (outputs net) &&
  match follow n args (n + length args) (single_options n) (layers net) with
  | Some es => if list_eq_dec terms_eq_dec (map (fun r => expand es (weights r)) (outputs net)) outs
      then true else false
  | None => false
  end.

(** * What it means *)

Section Carried.
Variable K : OrderedField.
Open Scope field_scope.
Notation relu := (relu K).
Notation option_value := (option_value K).
Add Ring Kring : (SORrt (laws K)).

Lemma option_value_single h j : option_value h [(N.of_nat j, 1%Z)] = nth j h 0.
Proof.
  unfold Tournament.option_value. cbn [dot fold_right fst snd]. rewrite Nnat.Nat2N.id, z_one. ring.
Qed.

Lemma option_value_combine h a b t u : option_value h (combine_terms a b t u) =
    add K (mul K (z K a) (option_value h t)) (mul K (z K b) (option_value h u)).
Proof.
  apply dot_combine.
Qed.

Lemma expand_value h es w : option_value h (expand es w) = option_value (map (option_value h) es) w.
Proof.
  induction w as [|[j c] w IH]; [reflexivity|]. unfold expand. cbn [fold_right fst snd].
  fold (expand es w). rewrite option_value_combine, IH, z_one.
  change (option_value (map (option_value h) es) ((j, c) :: w)) with
    (add K (mul K (z K c) (nth (N.to_nat j) (map (option_value h) es) 0))
      (option_value (map (option_value h) es) w)).
  rewrite <- (map_nth (option_value h) es [] (N.to_nat j)).
  change (option_value h []) with (zero K). ring.
Qed.

Lemma find_terms_ok t l : forall k, find_terms t l = Some k -> nth_error l k = Some t.
Proof.
  induction l as [|u l IH]; intros k; [discriminate|]. cbn [find_terms].
  destruct (terms_eq_dec t u) as [->|_]; intros H.
  - injection H as <-. reflexivity.
  - destruct (find_terms t l) as [i|]; [|discriminate]. injection H as <-. apply IH. reflexivity.
Qed.

Lemma relu_nonnegative x : 0 <= relu x.
Proof.
  unfold Statement.relu. destruct (leb K x 0) eqn:A; [apply (Rle_refl (laws K))|].
  destruct (le_total K x 0) as [H|H]; [apply leb_spec in H; congruence|apply lt_le; exact H].
Qed.

(** relu(x) = x + relu(-x). *)
Lemma relu_other x : relu x = x + relu (- x).
Proof.
  rewrite <- (relu_sub K x) at 2. ring.
Qed.

Section Network.
Variables (n : nat) (args : list terms) (env : list K).
Hypothesis relus : forall k arg, nth_error args k = Some arg ->
  nth (n + k) env 0 = relu (option_value env arg).

Lemma relus_only_ok t : relus_only n (length args) t = true -> 0 <= option_value env t.
Proof.
  induction t as [|[j c] t IH]; intros H; [apply (Rle_refl (laws K))|].
  cbn [relus_only forallb fst snd] in H. apply andb_true_iff in H as [H Ht].
  apply andb_true_iff in H as [H Hc]. apply andb_true_iff in H as [Hn Hk].
  apply Nat.leb_le in Hn. apply Nat.ltb_lt in Hk. apply Z.leb_le in Hc.
  unfold Tournament.option_value. cbn [dot fold_right fst snd].
  apply (Rplus_nonneg_nonneg (laws K)); [|apply IH; exact Ht].
  apply (Rtimes_nonneg_nonneg (laws K)); [apply z_ge; exact Hc|].
  destruct (nth_error args (N.to_nat j - n)) as [arg|] eqn:E.
  - apply relus in E. replace (n + (N.to_nat j - n))%nat with (N.to_nat j) in E by lia.
    rewrite E. apply relu_nonnegative.
  - apply nth_error_None in E. lia.
Qed.

Lemma unit_terms_ok before own arg : (forall p, In p before ->
    option_value env (snd p) = relu (option_value env (fst p))) ->
    nth own env 0 = relu (option_value env arg) ->
    option_value env (unit_terms n args before own arg) = relu (option_value env arg).
Proof.
  intros B O. unfold unit_terms. destruct (find_terms arg args) as [k|] eqn:F.
  { rewrite option_value_single. apply relus, find_terms_ok, F. }
  destruct (find_terms (opposite_terms arg) args) as [k|] eqn:G.
  { apply find_terms_ok, relus in G. rewrite option_value_combine, z_one, option_value_single, G.
    unfold Tournament.option_value at 2. rewrite dot_opposite. fold (option_value env arg).
    rewrite (relu_other (option_value env arg)). ring. }
  destruct (relus_only n (length args) arg) eqn:N.
  { symmetry. apply relu_same, relus_only_ok, N. }
  destruct (find _ before) as [p|] eqn:P; [|rewrite option_value_single; exact O].
  apply find_some in P as [Ip E]. destruct (terms_eq_dec (opposite_terms arg) (fst p)) as [D|];
    [|discriminate]. rewrite option_value_combine, z_one, (B p Ip), <- D.
  unfold Tournament.option_value at 2. rewrite dot_opposite. fold (option_value env arg).
  rewrite (relu_other (option_value env arg)). ring.
Qed.

Lemma follow_units_ok l : forall before own, (forall p, In p before ->
    option_value env (snd p) = relu (option_value env (fst p))) ->
    (forall i, (i < length l)%nat -> nth (own + i) env 0 =
      nth i (map (fun a => relu (option_value env a)) l) 0) ->
    map (option_value env) (follow_units n args before own l) =
    map (fun a => relu (option_value env a)) l.
Proof.
  induction l as [|a l IH]; intros before own B O; [reflexivity|]. cbn [follow_units map].
  assert (E : option_value env (unit_terms n args before own a) = relu (option_value env a)).
  { apply unit_terms_ok; auto. specialize (O 0%nat ltac:(simpl; lia)).
    rewrite Nat.add_0_r in O. exact O. }
  f_equal; [exact E|]. apply IH.
  - intros p [<-|Ip]; auto.
  - intros i Li. specialize (O (S i) ltac:(simpl; lia)). cbn [map nth] in O.
    rewrite <- O. f_equal. lia.
Qed.

(** The values of all units, layer after layer. *)
Fixpoint all_values (ls : list layer) (h : list K) : list K := match ls with
  | [] => []
  | l :: ls => layer_value K l h ++ all_values ls (layer_value K l h)
  end.

Lemma layer_value_plain l h es : Pos.eqb (divisor l) 1 && forallb plain_unit (rows l) = true ->
    map (option_value env) es = h -> layer_value K l h = map (fun a => relu (option_value env a))
      (map (fun u => expand es (weights (snd u))) (rows l)).
Proof.
  intros H Eh. apply andb_true_iff in H as [Hd Hu]. apply Pos.eqb_eq in Hd.
  rewrite forallb_forall in Hu. unfold layer_value. rewrite Hd, map_map. apply map_ext_in.
  intros [k r] Iu. specialize (Hu _ Iu). unfold plain_unit in Hu. cbn [fst snd] in Hu |- *.
  destruct k; [|discriminate]. unfold plain_row in Hu. apply Z.eqb_eq in Hu. cbn [act]. f_equal.
  rewrite expand_value, Eh. unfold row_value. rewrite over_1, Hu, z_zero.
  unfold Tournament.option_value. ring.
Qed.

Lemma follow_ok ls : forall own es h es', map (option_value env) es = h ->
    (forall i, (i < length (all_values ls h))%nat ->
      nth (own + i) env 0 = nth i (all_values ls h) 0) ->
    follow n args own es ls = Some es' -> map (option_value env) es' = hidden K ls h.
Proof.
  induction ls as [|l ls IH]; intros own es h es' Eh O H.
  - injection H as <-. exact Eh.
  - cbn [follow] in H. destruct (Pos.eqb _ _ && _) eqn:C; [|discriminate].
    assert (V := layer_value_plain l h es C Eh). cbn [all_values] in O.
    set (as_ := map (fun u => expand es (weights (snd u))) (rows l)) in *.
    assert (N : length (layer_value K l h) = length (rows l)) by apply map_length.
    change (hidden K (l :: ls) h) with (hidden K ls (layer_value K l h)).
    rewrite app_length in O. apply (IH _ _ _ _) with (3 := H).
    + rewrite V. apply follow_units_ok; [intros p []|]. intros i Li. rewrite <- V.
      unfold as_ in Li. rewrite map_length in Li. rewrite O by lia. apply app_nth1. lia.
    + intros i Li. specialize (O (length (rows l) + i)%nat ltac:(lia)).
      rewrite app_nth2 in O by lia. replace (length (rows l) + i - length (layer_value K l h))%nat
        with i in O by lia. rewrite <- O. f_equal. lia.
Qed.
End Network.

(** The values of the inputs, and of all relus of the program. *)
Definition build (v : list K) (args : list terms) : list K :=
  fold_left (fun v arg => v ++ [relu (option_value v arg)]) args v.

Lemma build_app args : forall v, exists w, build v args = v ++ w /\ length w = length args.
Proof.
  induction args as [|a args IH]; intros v; [exists []; split; [symmetry; apply app_nil_r|auto]|].
  cbn [build fold_left]. destruct (IH (v ++ [relu (option_value v a)])) as (w & E & L).
  exists (relu (option_value v a) :: w). split; [|simpl; lia]. unfold build in E.
  rewrite E, <- app_assoc. reflexivity.
Qed.

Lemma option_value_app v w t : forallb (fun jc => (N.to_nat (fst jc) <? length v)%nat) t = true ->
    option_value (v ++ w) t = option_value v t.
Proof.
  intros H. apply dot_ext. intros p Ip. rewrite forallb_forall in H. specialize (H p Ip).
  apply Nat.ltb_lt in H. apply app_nth1, H.
Qed.

Lemma build_ok args : forall v tail m, (forall k arg, nth_error args k = Some arg ->
      forallb (fun jc => (N.to_nat (fst jc) <? m + k)%nat) arg = true) -> length v = m ->
    forall k arg, nth_error args k = Some arg ->
    nth (m + k) (build v args ++ tail) 0 = relu (option_value (build v args ++ tail) arg).
Proof.
  induction args as [|a args IH]; intros v tail m W L [|k] arg E; try discriminate.
  - injection E as ->. cbn [build fold_left]. set (r := relu (option_value v arg)).
    fold (build (v ++ [r]) args). destruct (build_app args (v ++ [r])) as (w & B & _). rewrite B.
    rewrite <- !app_assoc. specialize (W 0%nat arg eq_refl). rewrite Nat.add_0_r in *.
    rewrite option_value_app by (rewrite L; exact W). rewrite app_nth2 by lia.
    replace (m - length v)%nat with 0%nat by lia. reflexivity.
  - cbn [build fold_left]. fold (build (v ++ [relu (option_value v a)]) args).
    replace (m + S k)%nat with (S m + k)%nat by lia. apply IH; auto.
    + intros i t Ei. specialize (W (S i) t Ei). replace (S m + i)%nat with (m + S i)%nat by lia.
      exact W.
    + rewrite app_length. simpl. lia.
Qed.

Theorem carried args outs net (x : list K) : carries_out args outs net = true ->
    length x = inputs net -> exists env : list K,
    (forall i, (i < inputs net)%nat -> nth i env 0 = nth i x 0) /\
    (forall k arg, nth_error args k = Some arg ->
      nth (inputs net + k) env 0 = relu (option_value env arg)) /\
    compute K net x = map (option_value env) outs.
Proof.
  intros H L. unfold carries_out in H. set (n := inputs net) in *.
  apply andb_true_iff in H as [H F]. apply andb_true_iff in H as [H P].
  apply andb_true_iff in H as [W D]. apply Pos.eqb_eq in D.
  destruct (follow _ _ _ _ _) as [es|] eqn:E; [|discriminate].
  destruct (list_eq_dec _ _ _) as [Eo|]; [|discriminate]. clear F.
  destruct (build_app args x) as (w & B & Lw).
  set (env := build x args ++ all_values (layers net) x).
  assert (R : forall k arg, nth_error args k = Some arg ->
    nth (n + k) env 0 = relu (option_value env arg)).
  { apply build_ok; [|exact L]. intros k arg Ek. unfold earlier_only in W.
    rewrite forallb_forall in W. apply (W (k, arg)).
    assert (G : forall i, In ((i + k)%nat, arg) (combine (seq i (length args)) args)).
    { clear - Ek. revert k Ek. induction args as [|b l IH]; intros [|k] E i; try discriminate;
        cbn [length seq combine].
      - injection E as ->. left. f_equal. lia.
      - right. specialize (IH k E (S i)). replace (i + S k)%nat with (S i + k)%nat by lia.
        exact IH. }
    exact (G 0%nat). }
  assert (X : forall i, (i < n)%nat -> nth i env 0 = nth i x 0).
  { intros i Li. unfold env. rewrite B, <- app_assoc. apply app_nth1. lia. }
  exists env. split; [exact X|]. split; [exact R|].
  assert (Hs : map (option_value env) es = hidden K (layers net) x).
  { apply (follow_ok n args env R (layers net) _ _ _ _) with (3 := E).
    - transitivity (map (option_value x) (single_options (length x)));
        [|apply single_options_value]. rewrite L. fold n. unfold single_options.
      rewrite !map_map. apply map_ext_in. intros i Ii. apply in_seq in Ii.
      rewrite !option_value_single. apply X. lia.
    - intros i Li. unfold env. rewrite app_nth2; rewrite B, app_length, L, Lw; [f_equal|]; lia. }
  unfold compute. rewrite <- Hs, D, <- Eo, map_map. apply map_ext_in. intros r Ir.
  rewrite forallb_forall in P. specialize (P r Ir). unfold plain_row in P. apply Z.eqb_eq in P.
  rewrite expand_value. unfold row_value. rewrite over_1, P, z_zero.
  unfold Tournament.option_value. ring.
Qed.
End Carried.
