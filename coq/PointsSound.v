(** What is computed at a point holds in every ordered field: no statement is vacuous. *)
From Coq Require Import String List ZArith QArith Bool Lia Setoid OrderedRing.
Import ListNotations.
From Relumax Require Import Statement Kernel Elaborate FormsSound FactsSound BranchSound RulesSound.
From Relumax Require Import NetworkSound DefinitionsSound Soundness Points.

(** Some case meets what is required, and the network keeps what is ensured there. *)
Definition satisfiable (K : OrderedField) n al s (of_index : list nat -> Prop) := exists x ws e,
  List.length x = inputs n /\ Forall2 (fun k w => (k < snd w)%nat) ws (index s) /\ of_index ws /\
  defines_all K (initial K al x (compute K n x) (List.combine (map fst (index s)) ws))
    (define s) e /\
  Forall (requirement_true K e) (requires s) /\ Forall (clause_true K e) (ensures s).

Section PointsSound.
Variable K : OrderedField.
Notation "0'" := (zero K).
Notation "x +' y" := (add K x y) (at level 50).
Notation "x *' y" := (mul K x y) (at level 40).
Notation "x <=' y" := (le K x y) (at level 70).
Add Ring Kring : (SORrt (laws K)).
Let so := laws K.
Definition of_q (q : Q) : K := over K (z K (Qnum q)) (Qden q).

Lemma of_q_le_iff a b : of_q a <=' of_q b <-> a <= b.
Proof.
  unfold Qle. rewrite <- (z_le_iff K), !z_mul.
  transitivity (holds_relation K LE (z K (Zpos (Qden a)) *' z K (Zpos (Qden b)) *' sub K (of_q a)
    (of_q
    b))).
  - rewrite relation_scale by (apply mul_pos; apply z_pos). symmetry. apply le_iff.
  - cbn [holds_relation]. rewrite <- (le_iff K (z K (Qnum a) *' z K (Zpos (Qden b)))).
    match goal with |- le K ?x _ <-> le K ?y _ => replace x with y; [tauto|] end.
    rewrite <- (over_mul K (z K (Qnum a)) (Qden a)) at 1.
    rewrite <- (over_mul K (z K (Qnum b)) (Qden b)) at 1. unfold of_q. ring.
Qed.

Lemma of_q_eq_iff a b : of_q a = of_q b <-> a == b.
Proof.
  split; intros H. apply Qle_antisym; apply of_q_le_iff; rewrite H; apply (Rle_refl so).
  apply (Rle_antisymm so); apply of_q_le_iff; rewrite H; apply Qle_refl.
Qed.

Lemma of_q_eq a b : a == b -> of_q a = of_q b.
Proof.
  apply of_q_eq_iff.
Qed.

Lemma of_q_red a : of_q (Qred a) = of_q a.
Proof.
  apply of_q_eq, Qred_correct.
Qed.

Lemma of_q_add a b : of_q (a + b) = of_q a +' of_q b.
Proof.
  unfold of_q. apply over_eq. unfold Qplus. cbn [Qnum Qden]. rewrite Pos2Z.inj_mul, z_add, !z_mul.
  rewrite <- (over_mul K (z K (Qnum a)) (Qden a)) at 2.
  rewrite <- (over_mul K (z K (Qnum b)) (Qden b)) at 2. ring.
Qed.

Lemma of_q_z n : of_q (inject_Z n) = z K n.
Proof.
  apply over_1.
Qed.

Lemma of_q_mul a b : of_q (a * b) = of_q a *' of_q b.
Proof.
  unfold of_q. apply over_eq. unfold Qmult. cbn [Qnum Qden]. rewrite Pos2Z.inj_mul, !z_mul.
  rewrite <- (over_mul K (z K (Qnum a)) (Qden a)) at 2.
  rewrite <- (over_mul K (z K (Qnum b)) (Qden b)) at 2. ring.
Qed.

Lemma of_q_0 : of_q 0 = 0'.
Proof.
  apply over_1.
Qed.

Lemma of_q_over q d : of_q (q_over q d) = over K (of_q q) d.
Proof.
  unfold q_over. rewrite of_q_red, of_q_mul. symmetry. apply over_eq. unfold of_q at 2. cbn
    [Qnum Qden].
  transitivity (of_q q *' (z K (Zpos d) *' over K (z K 1) d)). ring. rewrite over_mul.
  change (z K 1) with (one K). ring.
Qed.

Lemma leb_of_q a b : leb K (of_q a) (of_q b) = Qle_bool a b.
Proof.
  apply eq_true_iff_eq. rewrite leb_spec, of_q_le_iff, Qle_bool_iff. tauto.
Qed.

Lemma of_q_act k q : of_q (q_act k q) = act K k (of_q q).
Proof.
  destruct k; simpl; [unfold q_relu, relu|unfold q_step, step]; rewrite <- of_q_0,
    leb_of_q; destruct
    (Qle_bool _ _); auto. apply over_1.
Qed.

Lemma of_q_dot {A} (v : A -> K) val l : (forall a, v a = of_q (val a)) ->
    dot K v l = of_q (q_dot val l).
Proof.
  intros H. unfold Statement.dot, q_dot in *. induction l as [|[a c] l IH]; cbn
    [fold_right fst snd].
  symmetry; apply of_q_0. rewrite of_q_red, of_q_add, of_q_mul, of_q_z, H, IH. auto.
Qed.

Lemma nth_of_q l k : nth k (map of_q l) 0' = of_q (nth k l 0).
Proof.
  rewrite <- of_q_0. apply map_nth.
Qed.

Lemma of_q_row d hs r : row_value K d (map of_q hs) r = of_q (q_row d hs r).
Proof.
  unfold row_value, q_row. rewrite of_q_over, of_q_add,
    of_q_z. f_equal. f_equal. apply of_q_dot. intros j.
  apply nth_of_q.
Qed.

Lemma of_q_hidden ls : forall x, hidden K ls (map of_q x) = map of_q (q_hidden ls x).
Proof.
  induction ls as [|l ls IH]; intros x; simpl; auto. unfold hidden, q_hidden in *. simpl.
  rewrite <- IH. f_equal. unfold layer_value, q_layer. rewrite map_map. apply map_ext. intros r.
  rewrite of_q_act, of_q_row. auto.
Qed.

Lemma of_q_compute n x : compute K n (map of_q x) = map of_q (q_compute n x).
Proof.
  unfold compute, q_compute. rewrite of_q_hidden, map_map. apply map_ext. intros r. apply of_q_row.
Qed.

Definition same (e : env K) (q : q_env) := (forall a, arr K e a = map of_q (q_arr q a)) /\
  (forall m, sca
    K e m = of_q (q_sca q m)) /\ (forall w, idx K e w = q_idx q w).

Lemma same_arr e q a l l' : same e q -> l = map of_q l' ->
    same (set_arr K e a l) (q_set_arr q a l').
Proof.
  intros (S1 & S2 & S3) H. split; [|split]; auto. intros b. simpl. unfold update.
  destruct (String.eqb a b); auto.
Qed.

Lemma same_sca e q m x : same e q -> same (set_sca K e m (of_q x)) (q_set_sca q m x).
Proof.
  intros (S1 & S2 & S3). split; [|split]; auto. intros b. simpl. unfold update.
  destruct (String.eqb m b); auto.
Qed.

Lemma same_ref e q i r : same e q -> reference_value K e i r = of_q (q_reference q i r).
Proof.
  intros (S1 & S2 & S3). destruct r; simpl; unfold q_nat, nat_;
    rewrite ?S1, ?S2, ?S3, ?nth_of_q, ?of_q_z; auto.
Qed.

Lemma same_sum e q i s : same e q -> affine_value K e i s = of_q (q_affine q i s).
Proof.
  intros S. unfold affine_value, q_affine. rewrite of_q_add, of_q_z. f_equal.
  induction (parts s) as [|[c r] l IH]; cbn [fold_right fst snd]. symmetry; apply of_q_0.
  rewrite of_q_red, of_q_add, of_q_mul, of_q_z, IH, (same_ref e q) by auto. auto.
Qed.

Lemma same_fn f x : shaped K f (of_q x) = of_q (q_shaped f x).
Proof.
  destruct f; simpl; auto. symmetry; apply of_q_act.
Qed.

Lemma q_best_in le l : forall m, q_best le l = Some m -> In m l.
Proof.
  induction l as [|x l IH]; simpl; intros m H; [discriminate|].
  destruct (q_best le l) as [n|]; inversion H; subst; auto. destruct (le x n); auto.
Qed.

Lemma q_best_max l : forall m, q_best Qle_bool l = Some m -> is_max K (of_q m) (map of_q l).
Proof.
  intros m H. split; [apply in_map; eapply q_best_in; eauto|]. revert m H.
  induction l as [|x l IH]; simpl; intros m H; [discriminate|].
  assert (Le : forall y, In y (map of_q l) -> y <=' of_q m).
  { destruct (q_best Qle_bool l) as [n|] eqn:B.
    - intros y Hy. specialize (IH n eq_refl y Hy). inversion H; subst.
      destruct (Qle_bool x n) eqn:L; auto. eapply (Rle_trans so); [exact IH|]. apply of_q_le_iff.
      destruct (Qlt_le_dec n x) as [C|C]; [apply Qlt_le_weak; exact C|].
      apply Qle_bool_iff in C. congruence.
    - destruct l as [|z l]; [intros y []|]. simpl in B. destruct (q_best Qle_bool l); discriminate.
        }
  intros y [<-|Hy]; auto. apply of_q_le_iff. destruct (q_best Qle_bool l) as [n|]; inversion H;
    subst.
  - destruct (Qle_bool x n) eqn:L; [apply Qle_bool_iff; auto|apply Qle_refl].
  - apply Qle_refl.
Qed.

Lemma q_best_min l : forall m, q_best q_at_least l = Some m -> is_min K (of_q m) (map of_q l).
Proof.
  intros m H. split; [apply in_map; eapply q_best_in; eauto|]. revert m H. unfold q_at_least.
  induction l as [|x l IH]; simpl; intros m H; [discriminate|].
  assert (Le : forall y, In y (map of_q l) -> of_q m <=' y).
  { destruct (q_best _ l) as [n|] eqn:B.
    - intros y Hy. specialize (IH n eq_refl y Hy). inversion H; subst.
      destruct (Qle_bool n x) eqn:L; auto. eapply (Rle_trans so); [|exact IH]. apply of_q_le_iff.
      destruct (Qlt_le_dec x n) as [C|C]; [apply Qlt_le_weak; exact C|].
      apply Qle_bool_iff in C. congruence.
    - destruct l as [|z l]; [intros y []|]. simpl in B. destruct (q_best _ l); discriminate. }
  intros y [<-|Hy]; auto. apply of_q_le_iff. destruct (q_best _ l) as [n|]; inversion H; subst.
  - destruct (Qle_bool n x) eqn:L; [apply Qle_bool_iff; auto|apply Qle_refl].
  - apply Qle_refl.
Qed.

Lemma same_define e q d q' : same e q -> q_define q d = Some q' -> exists e', defines K e d e' /\
    same e' q'.
Proof.
  intros S H. destruct d as [a n f d s|m f d s|m a|m a|a l]; simpl in H.
  - injection H as <-. eexists. split. reflexivity. apply same_arr; auto. rewrite map_map.
    apply map_ext. intros i. rewrite <- same_fn, of_q_over, (same_sum e q) by auto. auto.
  - injection H as <-. eexists. split. reflexivity.
    rewrite (same_sum e q), <- of_q_over, same_fn by auto. apply same_sca; auto.
  - destruct (q_best _ _) as [x|] eqn:B; [|discriminate]. injection H as <-.
    exists (set_sca K e m (of_q x)). split; [|apply same_sca; auto]. exists (of_q x). split; auto.
    rewrite (proj1 S). apply q_best_max; auto.
  - destruct (q_best _ _) as [x|] eqn:B; [|discriminate]. injection H as <-.
    exists (set_sca K e m (of_q x)). split; [|apply same_sca; auto]. exists (of_q x). split; auto.
    rewrite (proj1 S). apply q_best_min; auto.
  - injection H as <-. eexists. split. reflexivity. apply same_arr; auto. rewrite map_map.
    apply map_ext. intros p. rewrite of_q_over, (same_sum e q) by auto. auto.
Qed.

Lemma same_defines ds : forall e q q', same e q -> fold_option q_define ds q = Some q' -> exists e',
    defines_all K e ds e' /\ same e' q'.
Proof.
  induction ds as [|d ds IH]; intros e q q' S H; unfold fold_option in H; cbn [fold_left] in H.
  injection H as <-. exists e. simpl; auto.
  destruct (q_define q d) as [q1|] eqn:D; [|exfalso; clear -H; induction ds; simpl in H;
    [discriminate|auto]]. destruct (same_define e q d q1 S D) as (e1 & D1 & S1).
  destruct (IH e1 q1 q' S1 H) as (e' & D' & S'). exists e'. split; auto. exists e1; auto.
Qed.

Lemma q_relation_ok r x : q_relation r x = true -> holds_relation K r (of_q x).
Proof.
  destruct r; simpl; intros H. apply Qeq_bool_iff in H. rewrite (of_q_eq _ _ H). apply of_q_0.
  rewrite <- of_q_0. apply of_q_le_iff, Qle_bool_iff; auto. apply negb_true_iff in H. apply lt_nle.
  rewrite <- of_q_0, of_q_le_iff, <- Qle_bool_iff. congruence.
Qed.

Lemma q_any_ok e q i bs : same e q -> q_any q i bs = true -> any_true K e i bs.
Proof.
  intros S H. apply existsb_exists in H as [b [Hb H]]. exists b. split; auto.
  rewrite forallb_forall in H. intros a Ha. rewrite (same_sum e q) by auto. apply q_relation_ok.
    auto.
Qed.

Lemma q_guarded_ok e q i g : same e q -> guarded K e i g -> q_guarded q i g = true.
Proof.
  intros (_ & _ & S). destruct g as [[[] w]|]; simpl; auto; rewrite S; intros H.
  apply Nat.ltb_lt; auto. apply Nat.ltb_lt; auto. apply negb_true_iff, Nat.eqb_neq; auto.
Qed.

Lemma q_clause_ok e q c : same e q -> q_clause q c = true -> clause_true K e c.
Proof.
  intros S. unfold q_clause, clause_true. destruct (each c); [|apply q_any_ok; auto].
  rewrite forallb_forall. intros H i Hi G. specialize (H i). rewrite (q_guarded_ok e q) in H by
    auto.
  apply (q_any_ok e q); auto. apply H. apply in_seq. lia.
Qed.

Lemma of_q_ratio p q : of_q (Zpos p # q) = ratio K p q.
Proof.
  reflexivity.
Qed.

Lemma q_condition_ok c x m : q_condition c x m = true -> condition_true K c (of_q x) (of_q m).
Proof.
  destruct c; simpl; rewrite <- ?of_q_ratio, <- ?of_q_add; intros H. apply negb_true_iff in H.
  apply lt_nle. rewrite of_q_le_iff, <- Qle_bool_iff. congruence. apply of_q_le_iff,
    Qle_bool_iff; auto.
  apply of_q_le_iff, Qle_bool_iff; auto. apply orb_true_iff in H as [H|H]; [left|right].
  apply of_q_eq, Qeq_bool_iff; auto. apply of_q_le_iff, Qle_bool_iff; auto.
Qed.

Lemma on_lattice_ok p q y : on_lattice p q y = true -> exists t, of_q y = z K t *' ratio K p q.
Proof.
  unfold on_lattice. set (t := (Qnum y * Zpos q / (Zpos (Qden y) * Zpos p))%Z). cbv zeta. intros H.
  apply Z.eqb_eq in H. exists t. clearbody t. unfold of_q. apply over_eq.
  apply (cancel K (z K (Zpos q))). apply z_pos.
  transitivity (z K t *' z K (Zpos p) *' z K (Zpos (Qden y))).
  - unfold ratio.
    transitivity (z K t *' z K (Zpos (Qden y)) *' (z K (Zpos q) *' over K (z K (Zpos p)) q)). ring.
    rewrite over_mul. ring.
  - rewrite <- (z_mul K t), <- (z_mul K (t * Zpos p)), H, (z_mul K (Qnum y)). ring.
Qed.

Lemma q_requirement_ok e q r : same e q -> q_requirement q r = true -> requirement_true K e r.
Proof.
  intros S H. destruct r as [c|w a b f l]; simpl in H. eapply q_clause_ok; eauto.
  rewrite !andb_true_iff in H. destruct H as [[H1 H2] H3]. rewrite forallb_forall in H1, H2. simpl.
  rewrite (proj1 S), (proj2 (proj2 S)), map_length. split; [|split].
  - intros i Hi. rewrite !nth_of_q. apply q_condition_ok, H1, in_seq. lia.
  - intros i [Hi Hl]. rewrite !nth_of_q. apply q_condition_ok. specialize (H2 i).
    destruct (Nat.leb_spec i (q_idx q w)); [lia|]. apply H2. apply in_seq. lia.
  - destruct l as [[p q0]|]; auto. rewrite forallb_forall in H3. intros y Hy.
    apply in_map_iff in Hy as [y' [<- Hy]]. apply on_lattice_ok; auto.
Qed.

Theorem check_point_ok n al s p : check_point n al s p = true -> satisfiable K n al s (fun ws =>
    ws = point_index p).
Proof.
  unfold check_point. set (x := map _ (point_inputs p)). rewrite !andb_true_iff. intros [[L F] H].
  destruct (fold_option q_define _ _) as [q|] eqn:D; [|discriminate].
  apply andb_true_iff in H as [R E]. apply Nat.eqb_eq in L. rewrite forallb_forall in R, E.
  set (e0 := initial K al (map of_q x) (compute K n (map of_q x)) (List.combine (map fst (index s))
    (point_index
    p))).
  assert (S : same e0 (q_initial al x (q_compute n x) (List.combine (map fst (index s))
    (point_index p)))).
  { unfold e0, initial, q_initial. rewrite of_q_compute. set (a0 := fold_right _ _ al).
    set (b0 := fold_right _ _ al). assert (S0 : same a0 b0).
    { unfold a0, b0. clear. induction al as [|a al IH]; simpl. split; [|split]; intros; simpl; auto.
      symmetry; apply of_q_0. apply same_arr; auto. unfold array_value,
        q_array. rewrite map_map. apply map_ext.
      intros i. rewrite <- nth_of_q. destruct (is_output a); auto. }
    revert S0. generalize a0 b0. clear. induction (combine _ _) as [|[w k] l IH]; simpl; auto.
    intros a b S. apply IH. destruct S as (S1 & S2 & S3). split; [|split]; auto. intros u. simpl.
    unfold update. destruct (String.eqb w u); auto. }
  destruct (same_defines _ _ _ _ S D) as (e & D1 & S1). exists (map of_q x), (point_index p), e.
  rewrite map_length. split; auto. split; [|split; [auto|split; [auto|split]]].
  - clear -F. revert F. generalize (index s).
    induction (point_index p) as [|k ks IH]; intros [|w ws]; simpl; try discriminate; constructor;
      apply
      andb_true_iff in F as [F1 F2]; auto. apply Nat.ltb_lt; auto.
  - apply Forall_forall. intros r Hr. eapply q_requirement_ok; eauto.
  - apply Forall_forall. intros c Hc. eapply q_clause_ok; eauto.
Qed.

End PointsSound.

(** What the checker accepts together with points: the claim, and for each statement that has a
    requirement or an index, a case. *)
Definition check_certificate (c : certificate) (points : list (list point)) : bool :=
  check c && check_all_points c points.

Theorem check_certificate_sound c points : check_certificate c points = true -> forall K,
    claim_true K (the_network c) (the_claim c) /\ Forall (fun s => needs_point s = true ->
    satisfiable K (the_network c) (arrays (the_claim c)) s (fun _ =>
    True)) (statements (the_claim c)).
Proof.
  unfold check_certificate, check_all_points. rewrite andb_true_iff. intros [H P] K. split.
  apply check_sound; auto. revert points P.
  induction (statements (the_claim c)) as [|s ss IH]; intros [|ps points]; simpl; try discriminate;
    constructor; apply andb_true_iff in P as [P1 P2]; eauto. unfold check_points in P1.
  rewrite !andb_true_iff in P1. destruct P1 as [[P1 _] P3]. intros C. rewrite C in P3.
  destruct ps as [|p ps]; [discriminate|]. simpl in P1. apply andb_true_iff in P1 as [P1 _].
  apply (check_point_ok K) in P1. destruct P1 as (x & ws & e & A1 & A2 & _ & A3).
  exists x, ws, e. auto.
Qed.
