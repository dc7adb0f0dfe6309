(** As Adequacy.v, for search/best_of and search/iterate: the network computes the vector, or takes
    the move, whose score wins. Scores are what the definitions of the claim compute. *)
From Coq Require Import String List ZArith Reals Lra Lia Bool OrderedRing.
Import ListNotations.
From Relumax Require Import Statement Elaborate Soundness Instances Adequacy.
Open Scope string_scope.
Open Scope R_scope.

(** * What definitions without max and min compute *)

Definition values (e : env RField) (ds : list definition) : env RField := fold_left value_of ds e.
(** No max or min is among them, and none of the names a is given another meaning. *)
Definition keeps (names : list name) (d : definition) : bool := match d with
  | DefineMax _ _ | DefineMin _ _ => false
  | DefineArray a _ _ _ _ | DefineList a _ => negb (existsb (String.eqb a) names)
  | DefineScalar _ _ _ _ => true
  end.

Lemma values_defined names ds P : forall e, forallb (keeps names) ds = true ->
    defined e ds P -> P (values e ds).
Proof.
  induction ds as [|d ds IH]; intros e H D; [exact D|]. cbn [forallb] in H.
  apply andb_true_iff in H as [H1 H2]. apply (IH (value_of e d) H2).
  destruct d; try discriminate; exact D.
Qed.

Lemma values_kept names a ds : In a names -> forall e, forallb (keeps names) ds = true ->
    arr RField (values e ds) a = arr RField e a.
Proof.
  intros I. induction ds as [|d ds IH]; intros e H; [reflexivity|]. cbn [forallb] in H.
  apply andb_true_iff in H as [H1 H2]. cbn [values fold_left]. fold (values (value_of e d) ds).
  rewrite IH by exact H2. assert (U : forall b (l : list R), negb (existsb (String.eqb b) names) =
    true -> update (arr RField e) b l a = arr RField e a).
  { intros b l N. unfold update. destruct (String.eqb b a) eqn:E; [|reflexivity].
    exfalso. apply negb_true_iff in N. enough (existsb (String.eqb b) names = true) by congruence.
    apply existsb_exists. exists a. auto. }
  destruct d; try discriminate; cbn [value_of set_arr set_sca arr]; auto; apply U; exact H1.
Qed.

Lemma values_idx ds : forall e, idx RField (values e ds) = idx RField e.
Proof.
  induction ds as [|d ds IH]; intros e; [reflexivity|]. cbn [values fold_left].
  fold (values (value_of e d) ds). rewrite IH. destruct d; reflexivity.
Qed.

(** * The vector, or the move, whose score wins *)

(** Output k is minus the sum of l. *)
Definition output_is (kl : nat * list (Z * reference)) : clause :=
  equals ((1%Z, Element "y" (fst kl)) :: snd kl).
Definition numbered {A} (l : list A) : list (nat * A) := combine (seq 0 (length l)) l.
Definition winner_statement (n : nat) (ds : list definition) (scores : name) (before : condition)
    (rows : list (list (Z * reference))) (more : list clause) : statement :=
  Statement [("w", n)] ds [RequireWinner "w" scores before LessEqual None]
    (map output_is (numbered rows) ++ more).
(** What names stand for at the inputs v and the winner w, the definitions ds included. *)
Definition named (net : network) (al : list array) (ds : list definition) (v : list R) (w : nat)
    : env RField := values (initial RField al v (compute RField net v) [("w", w)]) ds.
Lemma named_idx net al ds v w : idx RField (named net al ds v w) "w" = w.
Proof.
  unfold named. rewrite values_idx. reflexivity.
Qed.

Lemma numbered_nth {A} (l : list A) k a : nth_error l k = Some a -> In (k, a) (numbered l).
Proof.
  intros E. unfold numbered.
  assert (G : forall i, In ((i + k)%nat, a) (combine (seq i (length l)) l)).
  { revert k E. induction l as [|b l IH]; intros [|k] E i; try discriminate;
      cbn [length seq combine].
    - injection E as ->. left. f_equal. lia.
    - right. specialize (IH k E (S i)). replace (i + S k)%nat with (S i + k)%nat by lia. exact IH. }
  exact (G 0%nat).
Qed.

Lemma initial_arr al v y ws a : distinct (map array_name al) = true -> In a al ->
    arr RField (initial RField al v y ws) (array_name a) = array_value RField v y a.
Proof.
  intros D I. rewrite <- (distinct_arr RField v y al a D I). unfold initial. fold (no_names RField).
  generalize (fold_right (fun a e => set_arr RField e (array_name a) (array_value RField v y a))
    (no_names RField) al). clear. induction ws as [|w ws IH]; intros e; simpl; auto.
  rewrite IH. auto.
Qed.

Lemma nth_input (v y : list R) a n k : (k < n)%nat ->
    nth k (array_value RField v y (Array a false 0 1 n)) 0 = nth k v 0.
Proof.
  intros L. unfold array_value. cbn [is_output base stride array_length].
  rewrite (nth_indep _ 0 (nth (0 + 1 * n) v 0)) by (rewrite map_length, seq_length; exact L).
  rewrite (map_nth (fun i => nth (0 + 1 * i) v 0)), seq_nth by exact L. f_equal. lia.
Qed.

Lemma search_value net al d n ds scores before rows more l names :
    distinct (map array_name al) = true -> In (Array "y" true 0 1 (length rows)) al ->
    inputs net = d -> length (outputs net) = length rows -> In "y" names ->
    forallb (keeps names) ds = true ->
    (forall e, length (arr RField (values e ds) scores) = n) ->
    In (winner_statement n ds scores before rows more) l -> claim_true RField net (Claim al l) ->
    forall (v : list R) w, length v = d -> let e := named net al ds v w in
    wins (ahead before) Rle n (arr RField e scores) w ->
    compute RField net v = map (fun row => - sum_of e 0 row) rows /\ all_of (clause_says e) more.
Proof.
  intros D Iy Hi Ho In_y Keeps Length I H v w Hv e W.
  apply claim_says with (v := v) in H; [|congruence]. rewrite all_of_in in H. apply H in I. clear H.
  assert (L := proj1 W). specialize (I w L). apply (values_defined names) in I; [|exact Keeps].
  assert (Iw : idx RField e "w" = w) by apply named_idx.
  assert (R : requirement_says e (RequireWinner "w" scores before LessEqual None)).
  { assert (Ln : length (arr RField e scores) = n) by apply Length.
    cbn [requirement_says]. rewrite Iw, Ln. split; [exact Logic.I|exact W]. }
  specialize (I R).
  change (all_of (clause_says e) (map output_is (numbered rows) ++ more)) in I.
  rewrite all_of_in in I. split.
  2:{ apply all_of_in. intros c Ic. apply I, in_or_app. right. exact Ic. }
  set (y := compute RField net v) in *. assert (Hy := compute_length net v). rewrite Ho in Hy.
  assert (Ey : arr RField e "y" = y).
  { unfold e, named. rewrite (values_kept names) by auto.
    etransitivity; [exact (initial_arr al v y [("w", w)] (Array "y" true 0 1 (length rows)) D Iy)|].
    apply whole_out. exact Hy. }
  apply (nth_ext _ _ 0 0). { rewrite map_length. exact Hy. }
  intros k Hy_k. assert (Hk : (k < length rows)%nat) by (rewrite <- Hy; exact Hy_k).
  destruct (nth_error rows k) as [row|] eqn:E; [|apply nth_error_None in E; lia].
  rewrite (nth_error_nth _ _ _ (map_nth_error (fun row => - sum_of e 0 row) _ _ E)).
  assert (C := in_map output_is _ _ (numbered_nth rows k row E)).
  apply (fun H => in_or_app _ more _ (or_introl H)), I in C. destruct C as [[C _]|[]].
  unfold atom_says, value, sum_of in C.
  cbn [offset parts fst snd fold_right meant] in C. fold (sum_of e 0 row) in C.
  rewrite Ey in C. assert (G : forall a b, 0 + (1 * a + b) = 0 -> a = - b) by (intros; lra).
  exact (G _ _ C).
Qed.

(** * search/best_of: vectors whose coordinates stand in the arrays [columns] *)

Theorem best_of_means net al d n ds scores before columns l names :
    distinct (map array_name al) = true -> In (Array "y" true 0 1 (length columns)) al ->
    inputs net = d -> length (outputs net) = length columns -> In "y" names ->
    forallb (keeps names) ds = true ->
    (forall e, length (arr RField (values e ds) scores) = n) ->
    In (winner_statement n ds scores before (map (fun c => [((-1)%Z, ElementAt c "w")]) columns) [])
      l -> claim_true RField net (Claim al l) ->
    forall (v : list R) w, length v = d -> let e := named net al ds v w in
    wins (ahead before) Rle n (arr RField e scores) w ->
    compute RField net v = map (fun c => nth w (arr RField e c) 0) columns.
Proof.
  intros D Iy Hi Ho In_y Keeps Length I H v w Hv e W. rewrite <- (map_length (fun c =>
    [((-1)%Z, ElementAt c "w")]) columns) in Iy, Ho.
  destruct (search_value net al d n ds scores before _ [] l names D Iy Hi Ho In_y Keeps Length I H v
    w Hv W) as [C _]. rewrite C, map_map. apply map_ext. intros c. fold e. unfold sum_of.
  cbn [fold_right fst snd meant]. rewrite (named_idx net al ds v w : idx RField e "w" = w). lra.
Qed.

(** * search/iterate, one step: z and the move that wins, coordinate by coordinate; a coordinate
    that no move changes has no array. The score is not worse after it. *)

Definition not_worse : clause :=
  Clause None None [[(LE, Affine 0 [(1%Z, Scalar "v0"); ((-1)%Z, Scalar "v1")])]].
Definition move_row (km : nat * option name) : list (Z * reference) :=
  ((-1)%Z, Element "z" (fst km)) ::
  match snd km with Some d => [((-1)%Z, ElementAt d "w")] | None => [] end.
Definition moved (e : env RField) (v : list R) (w : nat) (km : nat * option name) : R :=
  nth (fst km) v 0 + match snd km with Some d => nth w (arr RField e d) 0 | None => 0 end.

Theorem iterate_means net al d n ds scores before moves l names :
    distinct (map array_name al) = true -> In (Array "y" true 0 1 (length moves)) al ->
    In (Array "z" false 0 1 (length moves)) al -> inputs net = d ->
    length (outputs net) = length moves -> In "y" names -> In "z" names ->
    forallb (keeps names) ds = true ->
    (forall e, length (arr RField (values e ds) scores) = n) ->
    In (winner_statement n ds scores before (map move_row (numbered moves)) [not_worse]) l ->
    claim_true RField net (Claim al l) ->
    forall (v : list R) w, length v = d -> let e := named net al ds v w in
    wins (ahead before) Rle n (arr RField e scores) w ->
    compute RField net v = map (moved e v w) (numbered moves) /\
    sca RField e "v0" <= sca RField e "v1".
Proof.
  intros D Iy Iz Hi Ho In_y In_z Keeps Length I H v w Hv e W.
  assert (N : length (map move_row (numbered moves)) = length moves).
  { unfold numbered. rewrite map_length, combine_length, seq_length. lia. }
  assert (Iy' := Iy). rewrite <- N in Iy', Ho.
  destruct (search_value net al d n ds scores before _ _ l names D Iy' Hi Ho In_y Keeps Length I H v
    w Hv W) as [C M]. fold e in C, M. split.
  - rewrite C, map_map. apply map_ext_in. intros [k m] Ik. unfold sum_of, move_row, moved.
    assert (Lk : (k < length moves)%nat).
    { unfold numbered in Ik. apply in_combine_l, in_seq in Ik. lia. }
    assert (Ez : nth k (arr RField e "z") 0 = nth k v 0).
    { unfold e, named. rewrite (values_kept names) by auto.
      assert (E := initial_arr al v (compute RField net v) [("w", w)] _ D Iz).
      cbn [array_name] in E. rewrite E. apply nth_input, Lk. }
    assert (Iw : idx RField e "w" = w) by apply named_idx.
    destruct m as [a|]; cbn [fst snd fold_right meant]; rewrite Ez, ?Iw; lra.
  - destruct M as [[[M _]|[]] _]. unfold atom_says, value, sum_of in M.
    cbn [offset parts fst snd fold_right meant] in M.
    change (0 + (1 * sca RField e "v0" + (-1 * sca RField e "v1" + 0)) <= 0) in M. lra.
Qed.
