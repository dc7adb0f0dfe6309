(** As Adequacy.v, for search/best_of and search/iterate: the network computes the vector, or takes
    the move, whose score wins. Scores are what the definitions of the claim compute. *)
From Coq Require Import String List ZArith Reals Lra Lia Bool OrderedRing.
Import ListNotations.
From Relumax Require Import Statement Elaborate FormsSound NetworkSound Soundness Instances.
From Relumax Require Import Adequacy AdequacyWinners.
Open Scope string_scope.
Open Scope R_scope.

(** * What definitions without max and min compute *)

Definition value_of (e : env RField) (d : definition) : env RField := match d with
  | DefineArray a n f d s => set_arr RField e a
      (map (fun i => shaped RField f (over RField (affine_value RField e i s) d)) (seq 0 n))
  | DefineScalar m f d s =>
      set_sca RField e m (shaped RField f (over RField (affine_value RField e 0 s) d))
  | DefineList a l => set_arr RField e a
      (map (fun p => over RField (affine_value RField e 0 (snd p)) (fst p)) l)
  | DefineMax _ _ | DefineMin _ _ => e
  end.
Definition values (e : env RField) (ds : list definition) : env RField := fold_left value_of ds e.
(** No max or min is among them, and none of the names a is given another meaning. *)
Definition keeps (names : list name) (d : definition) : bool := match d with
  | DefineMax _ _ | DefineMin _ _ => false
  | DefineArray a _ _ _ _ | DefineList a _ => negb (existsb (String.eqb a) names)
  | DefineScalar _ _ _ _ => true
  end.

Lemma values_defined names ds : forall e, forallb (keeps names) ds = true ->
    defines_all RField e ds (values e ds).
Proof.
  induction ds as [|d ds IH]; intros e H; [reflexivity|]. cbn [forallb] in H.
  apply andb_true_iff in H as [H1 H2]. exists (value_of e d). split; [|apply IH; exact H2].
  destruct d; try discriminate; reflexivity.
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
Definition sum_of (e : env RField) (l : list (Z * reference)) : R :=
  fold_right (fun p t => IZR (fst p) * reference_value RField e 0 (snd p) + t) 0 l.

(** How the winner's score compares with those before it. *)
Definition ahead (before : condition) : R -> R -> Prop := match before with
  | Less => Rlt | LessEqual => Rle
  | Gap p q => fun a b => a + IZR (Zpos p) / IZR (Zpos q) <= b
  | Tie p q => fun a b => a = b \/ a + IZR (Zpos p) / IZR (Zpos q) <= b
  end.

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

Theorem search_means net al d n ds scores before rows more l names :
    distinct (map array_name al) = true -> In (Array "y" true 0 1 (length rows)) al ->
    inputs net = d -> length (outputs net) = length rows -> In "y" names ->
    forallb (keeps names) ds = true ->
    (forall e, length (arr RField (values e ds) scores) = n) ->
    In (winner_statement n ds scores before rows more) l -> claim_true RField net (Claim al l) ->
    forall (v : list R) w, length v = d -> let e := named net al ds v w in
    wins (ahead before) Rle n (arr RField e scores) w ->
    compute RField net v = map (fun row => - sum_of e row) rows /\
    Forall (clause_true RField e) more.
Proof.
  intros D Iy Hi Ho In_y Keeps Length I H v w Hv e W. unfold claim_true in H.
  rewrite Forall_forall in H. specialize (H _ I). assert (L := proj1 W).
  set (y := compute RField net v) in *. assert (Hy := compute_length net v). rewrite Ho in Hy.
  set (e0 := initial RField al v y [("w", w)]).
  assert (Ws : Forall2 (fun (k : nat) (w : name * nat) => (k < snd w)%nat) [w] [("w", n)]).
  { constructor; [exact L|constructor]. }
  specialize (H v (eq_trans Hv (eq_sym Hi)) [w] Ws). cbv zeta in H.
  cbn [winner_statement arrays index map combine define requires ensures fst] in H.
  fold y e0 in H. specialize (H _ (values_defined names ds e0 Keeps)).
  change (values e0 ds) with e in H. assert (Iw : idx RField e "w" = w).
  { unfold e, named. rewrite values_idx. apply initial_idx. }
  assert (R : Forall (requirement_true RField e) [RequireWinner "w" scores before LessEqual None]).
  { constructor; [|constructor].
    apply (requires_winner e scores _ _ n (arr RField e scores) w); auto.
    - apply Length.
    - destruct W as (_ & B & A). split; [exact L|]. split; [|exact A]. intros i Li.
      specialize (B i Li). destruct before; cbn [ahead condition_true] in *; auto;
        rewrite ratio_real; exact B. }
  specialize (H R). apply Forall_app in H as [H1 H2]. split; [|exact H2].
  assert (Ey : arr RField e "y" = array_value RField v y (Array "y" true 0 1 (length rows))).
  { unfold e, named. rewrite (values_kept names) by auto.
    exact (initial_arr al v y [("w", w)] (Array "y" true 0 1 (length rows)) D Iy). }
  apply (nth_ext _ _ 0 0). { rewrite map_length. exact Hy. }
  intros k Hy_k. assert (Hk : (k < length rows)%nat) by (rewrite <- Hy; exact Hy_k).
  destruct (nth_error rows k) as [row|] eqn:E; [|apply nth_error_None in E; lia].
  rewrite (nth_error_nth _ _ _ (map_nth_error (fun row => - sum_of e row) _ _ E)).
  rewrite Forall_forall in H1.
  specialize (H1 _ (in_map output_is _ _ (numbered_nth rows k row E))). apply equals_value in H1.
  cbn [fst snd fold_right reference_value] in H1. fold (sum_of e row) in H1. rewrite Ey in H1.
  change (zero RField) with 0 in H1. rewrite nth_array in H1 by exact Hk.
  cbn [base stride is_output] in H1. replace (0 + 1 * k)%nat with k in H1 by lia.
  change (1 * nth k y 0 + sum_of e row = 0) in H1.
  assert (G : forall a b, 1 * a + b = 0 -> a = - b) by (intros; lra). exact (G _ _ H1).
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
  destruct (search_means net al d n ds scores before _ [] l names D Iy Hi Ho In_y Keeps Length I H v
    w Hv W) as [C _]. rewrite C, map_map. apply map_ext. intros c. fold e. unfold sum_of.
  cbn [fold_right fst snd reference_value]. unfold e, named. rewrite values_idx, initial_idx.
  change (zero RField) with 0. lra.
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
  destruct (search_means net al d n ds scores before _ _ l names D Iy' Hi Ho In_y Keeps Length I H v
    w Hv W) as [C M]. fold e in C, M. split.
  - rewrite C, map_map. apply map_ext_in. intros [k m] Ik. unfold sum_of, move_row, moved.
    assert (Lk : (k < length moves)%nat).
    { unfold numbered in Ik. apply in_combine_l, in_seq in Ik. lia. }
    assert (Ez : nth k (arr RField e "z") 0 = nth k v 0).
    { unfold e, named. rewrite (values_kept names) by auto.
      assert (E := initial_arr al v (compute RField net v) [("w", w)]
        (Array "z" false 0 1 (length moves)) D Iz). cbn [array_name] in E. rewrite E.
      rewrite nth_array by exact Lk. cbn [base stride is_output]. f_equal. lia. }
    assert (Iw : idx RField e "w" = w) by (unfold e, named; rewrite values_idx; apply initial_idx).
    destruct m as [a|]; cbn [fst snd fold_right reference_value]; change (zero RField) with 0;
      rewrite Ez, ?Iw; lra.
  - apply Forall_inv in M. destruct M as (b & [<-|[]] & M). specialize (M _ (or_introl eq_refl)).
    cbn [fst snd holds_relation] in M. unfold affine_value in M.
    cbn [offset parts fold_right fst snd reference_value] in M. rewrite !z_real in M.
    change (0 + (1 * sca RField e "v0" + (-1 * sca RField e "v1" + 0)) <= 0) in M. lra.
Qed.
