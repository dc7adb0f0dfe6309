(** What the checker accepts is true: clauses, winners, goals, and the main theorem. *)
From Coq Require Import String List ZArith Bool Lia OrderedRing Setoid.
Import ListNotations.
From Relumax Require Import Statement Kernel Elaborate FormsSound FactsSound BranchSound RulesSound.
From Relumax Require Import NetworkSound DefinitionsSound.

Lemma some_inj {A} (a b : A) : Some a = Some b -> a = b.
Proof.
  congruence.
Qed.

Lemma triple_inj {A B C} (a a' : A) (b b' : B) (c c' : C) : (a, b, c) = (a', b', c') -> a = a' /\
    b = b' /\ c = c'.
Proof.
  intros H; inversion H; auto.
Qed.

Section Soundness.
Variable K : OrderedField.
Notation "0" := (zero K).
Notation "1" := (one K).
Notation "x + y" := (add K x y).
Notation "x * y" := (mul K x y).
Notation "x - y" := (sub K x y).
Notation "- x" := (opp K x).
Notation "x <= y" := (le K x y).
Notation "x < y" := (lt K x y).
Add Ring Kring : (SORrt (laws K)).
Notation z := (z K).
Notation dot := (dot K).
Notation over := (over K).
Notation value := (value K).
Notation holds_atom := (holds_atom K).
Notation holds := (holds K).
Notation agree := (agree K).
Notation good := (good K).
Notation sim := (sim K).
Notation ext := (ext K).
Notation nat_ := (nat_ K).

(** * Clauses *)

Lemma guard_ok e sc v n c i g : sim e sc v n -> guard_branch sc c i = Some g ->
    (Exists (Forall (holds_atom v)) g <-> ~ guarded K e i (where_ c)) /\
    Forall (Forall (atom_below n)) g.
Proof.
  intros S. unfold guard_branch.
  destruct (where_ c) as [[g0 w]|]; [|intros H; inversion H; split; [split; intros Hg; [inversion
    Hg|simpl in Hg; tauto]|constructor]]. destruct (each c) as [n0|]; [|discriminate].
  destruct (assoc w (indices sc)) as [[k u]|] eqn:A; [|discriminate].
  destruct (Nat.eqb n0 k); [|discriminate]. intros H; inversion H; clear H. apply assoc_in in A.
    apply S in A as (A1 & A2 & _).
  assert (X : forall P, (holds_atom v (guard_atom g0 u (Z.of_nat i)) <-> P) -> (Exists (Forall
    (holds_atom v)) [[guard_atom g0 u (Z.of_nat i)]] <-> P)).
  { intros P E. rewrite <- E. split. intros Hx.
    inversion Hx as [? ? Hy|? ? Hy]; subst; [inversion Hy; auto|inversion Hy].
    intros Hx; repeat constructor; auto. }
  split.
  2:{ destruct g0; repeat constructor; simpl; auto. apply make_atom_below. repeat constructor; auto.
    }
  apply X. destruct g0; simpl.
  - unfold FormsSound.holds_atom; simpl. rewrite A1, z_opp. change (z 1%Z) with 1.
    replace (- z (Z.of_nat i) + (1 * nat_ (idx K e w) + 0)) with (nat_ (idx K e w) - z (Z.of_nat i))
      by ring. rewrite le_iff. unfold Statement.nat_. rewrite z_le_iff. lia.
  - unfold FormsSound.holds_atom; simpl. rewrite A1. change (z (-1)%Z) with (- (1)).
    replace (z (Z.of_nat i) + (- (1) * nat_ (idx K e w) + 0)) with (z (Z.of_nat i) - nat_ (idx K e
      w)) by ring. rewrite le_iff. unfold Statement.nat_. rewrite z_le_iff. lia.
  - rewrite make_atom_ok. cbn [holds_relation Statement.dot fold_right fst snd]. rewrite A1, z_opp.
    change (z 1%Z) with 1.
    replace (- z (Z.of_nat i) + (1 * nat_ (idx K e w) + 0)) with (nat_ (idx K e w) - z (Z.of_nat i))
      by ring. rewrite eq_iff. unfold Statement.nat_. rewrite z_eq_iff. lia.
Qed.

Lemma clause_ok e sc v n out c i f : sim e sc v n -> clause_at sc out c i = Some f ->
    fact_below n f /\ (holds v f <-> (any_true K e i (any c) \/ ~ guarded K e i (where_ c))).
Proof.
  intros S. unfold clause_at. destruct (map_option _ (any c)) as [bs|] eqn:M; [|discriminate].
  destruct (guard_branch sc c i) as [g|] eqn:G; [|discriminate]. intros H; inversion H; clear H.
  apply (guard_ok e sc v n) in G as [G1 G2]; auto. apply map_option_ok in M.
  assert (A : Exists (Forall (holds_atom v)) bs <-> any_true K e i (any c)).
  { assert (Q : Exists (Forall (fun a => holds_relation K (fst a) (affine_value K e i (snd a))))
      (any c) <-> Exists (Forall (holds_atom v)) bs).
    { eapply Forall2_Exists; [exact M|]. intros x y E. simpl in E. apply map_option_ok in E.
      eapply Forall2_Forall; [exact E|]. intros a b Eab. symmetry.
      exact (proj1 (affine_atom_ok K e sc v n out (each c) i a b S Eab)). }
    rewrite <- Q. unfold any_true. rewrite Exists_exists.
    split; intros [b [Hb Hb']]; exists b; (split; [exact Hb|]).
    apply (proj1 (Forall_forall _ _) Hb'). apply Forall_forall. exact Hb'. }
  split. apply make_clause_below. apply Forall_app. split; auto. eapply Forall2_imp; [exact M|].
  intros x y E. simpl in E. apply map_option_ok in E. eapply Forall2_imp; [exact E|]. intros a b
    Eab.
  exact (proj2 (affine_atom_ok K e sc v n out (each c) i a b S Eab)).
  rewrite make_clause_ok, Exists_app, A, G1. tauto.
Qed.

Lemma guarded_dec e i g : guarded K e i g \/ ~ guarded K e i g.
Proof.
  destruct g as [[[] w]|]; simpl; try tauto; lia.
Qed.

(** * Winners and indices *)

Lemma relations_ok c l rs x m : relations c l = Some rs -> condition_true K c x m ->
    match l with None => True | Some (p, q) => exists s t, x = z s * ratio K p q /\
    m = z t * ratio K p q end -> exists r, In r rs /\
    holds_relation K (fst r) (z (fst (snd r)) + (z (Zpos (snd (snd r))) * x - z (Zpos (snd (snd r)))
    * m)).
Proof.
  assert (Gap : forall p q, x + ratio K p q <= m -> z (Zpos p) + (z (Zpos q) * x - z (Zpos q) * m)
    <= 0).
  { intros p q H. apply le_iff in H. apply (relation_scale K LE (z (Zpos q)) _ (z_pos K q)) in H.
    simpl in H.
    replace (z (Zpos p) + (z (Zpos q) * x - z (Zpos q) * m)) with (z (Zpos q) * (x + ratio K p q -
      m)); auto. unfold ratio.
    transitivity (z (Zpos q) * over (z (Zpos p)) q + (z (Zpos q) * x - z (Zpos q) * m)); [ring|].
    rewrite over_mul. auto. }
  assert (One : z 0%Z + (z 1%Z * x - z 1%Z * m) = x - m).
  { change (z 1%Z) with 1. change (z 0%Z) with 0. ring. }
  intros H C L.
  destruct c as [| |p q|p q], l as [[p' q']|]; simpl in H; inversion H; subst; clear H; simpl in C.
  - exists (LE, (Zpos p', q')). split; [left; auto|]. cbn [fst snd]. apply Gap.
    destruct L as (s & t & -> & ->). assert (Hr : 0 < ratio K p' q').
    { unfold ratio. destruct (tri K (over (z (Zpos p')) q')) as [T|[T|T]]; auto; exfalso.
      apply (mul_pos_neg K (z (Zpos q'))) in T; [|apply z_pos]. rewrite over_mul in T.
      eapply lt_asym; eauto. apply z_pos. apply (f_equal (mul K (z (Zpos q')))) in T.
      rewrite over_mul in T. apply (pos_neq K _ (z_pos K p')). rewrite T. ring. }
    assert (Hst : (s < t)%Z).
    { destruct (Z.lt_ge_cases s t); auto. exfalso. apply lt_nle in C. apply C. apply le_iff.
      replace (z t * ratio K p' q' - z s * ratio K p' q') with (ratio K p' q' * (z t - z s)) by
        ring. apply (relation_scale K LE); auto. simpl. apply le_iff, z_le. lia. }
    apply le_iff.
    replace (z s * ratio K p' q' + ratio K p' q' - z t * ratio K p' q') with (ratio K p' q' * (z s +
      z 1%Z - z t)) by (change (z 1%Z) with 1; ring). apply (relation_scale K LE); auto.
    cbn [holds_relation]. apply le_iff. rewrite <- z_add. apply z_le. lia.
  - exists (LT, (0%Z, 1%positive)). split; [left; auto|]. cbn [fst snd]. rewrite One.
    apply (rel2_sub K LT). auto.
  - exists (LE, (0%Z, 1%positive)). split; [left; auto|]. cbn [fst snd]. rewrite One.
    apply (rel2_sub K LE). auto.
  - exists (LE, (0%Z, 1%positive)). split; [left; auto|]. cbn [fst snd]. rewrite One.
    apply (rel2_sub K LE). auto.
  - exists (LE, (Zpos p, q)). split; [left; auto|]. cbn [fst snd]. apply Gap. auto.
  - destruct C as [C|C]. exists (EQ, (0%Z, 1%positive)). split; [left; auto|]. cbn [fst snd].
    rewrite One. apply (rel2_sub K EQ). auto. exists (LE, (Zpos p, q)). split; [right; left; auto|].
    cbn [fst snd]. apply Gap. auto.
Qed.

(** Where i is: at the index, before it, or after it; only there has it to be so. *)
Lemma where_i_ok e sc v n w m k i here earlier later : sim e sc v n ->
    In (w, (m, k)) (indices sc) -> where_i sc w k i = Some (here, earlier, later) ->
    (Forall (atom_below n) here /\ atom_below n earlier /\ atom_below n later) /\
    (i = idx K e w -> Forall (holds_atom v) here) /\ ((i < idx K e w)%nat -> holds_atom v earlier)
    /\ ((idx K e w < i)%nat -> holds_atom v later).
Proof.
  intros S A H. destruct (proj1 (proj2 (proj2 S)) _ _ _ A) as (K1 & K2 & _). unfold where_i in H.
  destruct (map_option _ _) as [same|] eqn:M; [|discriminate]. cbn [option_map] in H.
  apply some_inj, triple_inj in H as (<- & <- & <-). apply map_option_ok in M.
  assert (Same : Forall (atom_below n) same /\ (i = idx K e w -> Forall (holds_atom v) same)).
  { assert (R : forall r, In r (reads_of sc w) -> In r (reads sc) /\ snd (fst r) = w).
    { intros r Hr. apply filter_In in Hr as [R1 R2]. apply String.eqb_eq in R2. auto. }
    clear -M S R. induction M as [|[[c w'] u] d rs ds D M IH]; [split; auto|].
    destruct IH as [I1 I2]; [intros; apply R; right; auto|]. unfold read_there in D. simpl in D.
    destruct (R _ (or_introl eq_refl)) as [Hr Hw]. simpl in Hw. subst w'.
    destruct (find_place sc true c) as [p|] eqn:P; [|discriminate].
    destruct (element_variable p i) as [y|] eqn:Y; [|discriminate]. simpl in D.
    inversion D; clear D. destruct (element_ok K e sc v n true c p i y S P Y) as (Y1 & Y2 & _).
    destruct (proj2 (proj2 (proj2 S)) _ _ _ Hr) as (U1 & U2 & _). split.
    - constructor; auto. apply difference_below; apply variable_below; auto.
    - intros Hi. constructor; auto. apply difference_ok. simpl. rewrite !variable_ok, U1, Y1, Hi.
      auto. }
  assert (Dk : forall r p q, atom_below n (make_atom r p [(k, q)])).
  { intros. apply make_atom_below. repeat constructor; auto. }
  split; [|split; [|split]].
  - split; [constructor; [apply Dk|apply Same]|split; apply Dk].
  - intros T. constructor; [|apply Same; auto]. apply make_atom_ok.
    cbn [holds_relation Statement.dot fold_right fst snd]. rewrite K1, z_opp.
    change (z 1%Z) with 1. replace (- z (Z.of_nat i) + (1 * nat_ (idx K e w) + 0))
      with (nat_ (idx K e w) - z (Z.of_nat i)) by ring.
    apply eq_iff. unfold Statement.nat_. rewrite T. auto.
  - intros T. apply make_atom_ok. cbn [holds_relation Statement.dot fold_right fst snd].
    rewrite K1. change (z (-1)%Z) with (- (1)).
    replace (z (Z.of_nat i + 1)%Z + (- (1) * nat_ (idx K e w) + 0))
      with (z (Z.of_nat i + 1)%Z - nat_ (idx K e w)) by ring. apply le_iff, z_le. lia.
  - intros T. apply make_atom_ok. cbn [holds_relation Statement.dot fold_right fst snd].
    rewrite K1. change (z 1%Z) with 1.
    replace (z (1 - Z.of_nat i)%Z + (1 * nat_ (idx K e w) + 0))
      with (z (1 - Z.of_nat i)%Z + z (Z.of_nat (idx K e w))) by (unfold Statement.nat_; ring).
    rewrite <- z_add. apply (z_le K _ 0). lia.
Qed.

Lemma winner_ok e sc v n w a b f l i F : sim e sc v n -> winner_at sc w a b f l i = Some F ->
    requirement_true K e (RequireWinner w a b f l) -> fact_below n F /\ holds v F.
Proof.
  intros S. unfold winner_at. destruct (assoc w (indices sc)) as [[m k]|] eqn:A; [|discriminate].
  destruct (find_place sc false a) as [p|] eqn:P; [|discriminate].
  destruct (assoc2 a w (reads sc)) as [best|] eqn:B; [|discriminate].
  destruct (relations b l) as [rb|] eqn:Rb; [|discriminate].
  destruct (relations f l) as [rf|] eqn:Rf; [|discriminate].
  destruct (element_variable p i) as [x|] eqn:X; [|discriminate].
  destruct (where_i sc w k i) as [[[here earlier] later]|] eqn:W; [|discriminate].
  cbv zeta. intros H. apply some_inj in H. subst F. intros (Q1 & Q2 & Q3).
  apply assoc_in in A. apply assoc2_in in B.
  destruct (proj2 (proj2 (proj2 S)) _ _ _ B) as (B1 & B2 & B3 & _).
  destruct (element_ok K e sc v n false a p i x S P X) as (X1 & X2 & X3).
  destruct (where_i_ok e sc v n w m k i here earlier later S A W) as ((D1 & D2 & D3) & H1 & H2 &
    H3).
  assert (Drel : forall r, atom_below n (winner_atom x best r)).
  { intros r. apply make_atom_below, combine_below; repeat constructor; auto. }
  set (xi := nth i (arr K e a) 0) in *. set (xw := nth (idx K e w) (arr K e a) 0) in *.
  assert (Hrel : forall r, holds_relation K (fst r) (z (fst (snd r)) +
      (z (Zpos (snd (snd r))) * xi - z (Zpos (snd (snd r))) * xw)) ->
        holds_atom v (winner_atom x best r)).
  { intros r H. apply make_atom_ok. rewrite dot_combine.
    cbn [Statement.dot fold_right fst snd]. rewrite X1, B1, z_opp. change (z 1%Z) with 1.
    match goal with |- holds_relation K _ ?y => match type of H with
      holds_relation K _ ?y' => replace y with y' by ring end end. auto. }
  assert (Lat : match l with None => True | Some (p, q) => exists s t,
      xi = z s * ratio K p q /\ xw = z t * ratio K p q end).
  { destruct l as [[p' q]|]; auto. destruct (Q3 xi) as [s Hs]. apply nth_In; auto.
    destruct (Q3 xw) as [t Ht]. apply nth_In; auto. exists s, t. auto. }
  assert (Side : forall c rs place, relations c l = Some rs -> condition_true K c xi xw ->
      holds_atom v place ->
      Exists (Forall (holds_atom v)) (map (fun r => [place; winner_atom x best r]) rs)).
  { intros c rs place Rc C Hp. destruct (relations_ok c l rs _ _ Rc C Lat) as [r [Hr Hr']].
    apply Exists_exists. exists [place; winner_atom x best r]. split; [|auto].
    apply (in_map (fun r => [place; winner_atom x best r])); auto. }
  split.
  - simpl. constructor; [exact D1|]. apply Forall_app. split; apply Forall_map', Forall_forall;
      intros r Hr; repeat constructor; auto.
  - unfold FactsSound.holds. destruct (Nat.lt_trichotomy i (idx K e w)) as [T|[T|T]].
    + right. apply Exists_app. left. eapply Side; [exact Rb| |auto]. apply Q1; auto.
    + left. auto.
    + right. apply Exists_app. right. eapply Side; [exact Rf| |auto]. apply Q2; auto.
Qed.

Lemma index_ok e sc v n w i F : sim e sc v n -> index_at sc w i = Some F -> fact_below n F /\
    holds v F.
Proof.
  intros S. unfold index_at. destruct (assoc w (indices sc)) as [[m k]|] eqn:A; [|discriminate].
  destruct (Nat.ltb i m); [|discriminate].
  destruct (where_i sc w k i) as [[[here earlier] later]|] eqn:W; [|discriminate].
  cbn [option_map]. intros H. apply some_inj in H. subst F. apply assoc_in in A.
  destruct (where_i_ok e sc v n w m k i here earlier later S A W) as ((D1 & D2 & D3) & H1 & H2 &
    H3).
  split.
  - simpl. repeat constructor; auto.
  - unfold FactsSound.holds. destruct (Nat.lt_trichotomy i (idx K e w)) as [T|[T|T]].
    + right. left. auto.
    + left. auto.
    + right. right. left. auto.
Qed.

Lemma pick_at_ok e sc v n rs t i f : sim e sc v n -> pick_at sc rs t i = Some f ->
    Forall (requirement_true K e) rs -> fact_below n f /\ holds v f.
Proof.
  intros S. unfold pick_at. cbv zeta. destruct (nth_error rs (N.to_nat t)) as [r|] eqn:Nr.
  - intros H F. apply nth_error_In in Nr. rewrite Forall_forall in F. apply F in Nr.
    destruct r as [c|w a b g l]; [|eapply winner_ok; eauto].
    destruct (each c) as [m|] eqn:Ec; [|discriminate].
    destruct (Nat.ltb_spec (N.to_nat i) m) as [L|]; [|discriminate].
    apply (clause_ok e sc v n) in H as [D H]; auto. split; auto. apply H. simpl in Nr.
    unfold clause_true in Nr. rewrite Ec in Nr.
    destruct (guarded_dec e (N.to_nat i) (where_ c)); auto.
  - intros H _. destruct (nth_error (indices sc) _) as [[w k]|]; [|discriminate].
    eapply index_ok; eauto.
Qed.

(** * Statements *)

Lemma add_requirements_ok e sc v rs : forall E E', sim e sc v (variables E) -> good v E ->
    Forall (requirement_true K e) rs -> fold_option (add_requirement sc) rs E = Some E' ->
    good v E' /\ variables E' = variables E.
Proof.
  induction rs as [|r rs IH]; intros E E' S G F H. unfold fold_option in H. simpl in H.
  inversion H; subst; auto. inversion F as [|? ? Hr Hrs]; subst. unfold fold_option in H.
  cbn [fold_left] in H.
  destruct (add_requirement sc E r) as [E1|] eqn:D; [|exfalso; clear -H; induction rs; simpl in H;
    [discriminate|auto]]. assert (X : good v E1 /\ variables E1 = variables E).
  { destruct r as [c|w a b g l]; simpl in D.
    - destruct (each c) eqn:Ec.
      { destruct (clause_at sc false c 0); inversion D; subst; auto. }
      destruct (clause_at sc false c 0) as [f|] eqn:C; [|discriminate]. inversion D; subst.
      apply (clause_ok e sc v (variables E)) in C as [C1 C2]; auto. split;
        [|apply variables_add_fact].
      apply good_add_fact; auto. apply C2. simpl in Hr. unfold clause_true in Hr. rewrite Ec in Hr.
      auto.
    - destruct (winner_at _ _ _ _ _ _ _); inversion D; subst; auto. }
  destruct X as [X1 X2]. destruct (IH E1 E') as [Y1 Y2]; auto. rewrite X2; auto. split; auto.
  congruence.
Qed.

Lemma distinct_arr x y al a : distinct (map array_name al) = true -> In a al ->
    arr K (fold_right (fun a e => set_arr K e (array_name a) (array_value K x y a)) (Env K (fun _ =>
    []) (fun _ => 0) (fun _ => O)) al) (array_name a) = array_value K x y a.
Proof.
  induction al as [|b al IH]; simpl; [tauto|]. rewrite andb_true_iff.
  intros [D1 D2] [->|H]; unfold update. rewrite String.eqb_refl; auto.
  destruct (String.eqb_spec (array_name b) (array_name a)) as [E|]; auto. exfalso.
  apply negb_true_iff in D1.
  assert (X : existsb (String.eqb (array_name b)) (map array_name al) = true).
  { apply existsb_exists. exists (array_name a). split. apply in_map; auto.
    apply String.eqb_eq; auto. }
  congruence.
Qed.

Lemma array_place_ok n x y v E outs a r : sees K v E (input_range n) x -> sees K v E outs y ->
    array_place n outs a = Some r -> exists p, r = (array_name a, p) /\
    map v (element_variables p) = array_value K x y a /\ lt_all (variables E) (element_variables p).
Proof.
  intros Si So H. unfold array_place in H. cbv zeta in H.
  set (from := if is_output a then outs else input_range n) in *.
  assert (Sf : sees K v E from (if is_output a then y else x)).
  { unfold from. destruct (is_output a); auto. }
  destruct (_ || _) eqn:B; [|discriminate]. inversion H; subst. eexists. split; [reflexivity|].
  assert (In_ : forall i, (i < array_length a)%nat ->
      (N.of_nat (base a + stride a * i) < count from)%N).
  { intros i Hi. apply orb_true_iff in B as [B|B].
    - apply Nat.eqb_eq in B. lia.
    - apply N.ltb_lt in B. assert (stride a * i <= stride a * (array_length a - 1))%nat; [|lia].
      apply Nat.mul_le_mono_l. lia. }
  assert (At : forall i, In i (seq 0 (array_length a)) ->
      v (first from + N.of_nat (base a) + N.of_nat (stride a) * N.of_nat i)%N =
        nth (base a + stride a * i) (if is_output a then y else x) 0 /\
      (first from + N.of_nat (base a) + N.of_nat (stride a) * N.of_nat i < variables E)%N).
  { intros i Hi. apply in_seq in Hi. assert (L := In_ i ltac:(lia)).
    apply (sees_nth K v E from _ _ Sf) in L. rewrite Nnat.Nat2N.id in L.
    replace (first from + N.of_nat (base a) + N.of_nat (stride a) * N.of_nat i)%N
      with (first from + N.of_nat (base a + stride a * i))%N by lia. exact L. }
  unfold element_variables. cbn [start gap size]. split.
  - rewrite map_map. unfold array_value. apply map_ext_in. intros i Hi. apply At; auto.
  - apply Forall_forall. intros u Hu. apply in_map_iff in Hu as (i & <- & Hi). apply At; auto.
Qed.

Lemma add_indices_ok ix : forall ws e E sc v E' sc', good v E -> sim e sc v (variables E) ->
    Forall2 (fun k w => (k < snd w)%nat) ws ix -> fold_option add_index ix (E, sc) = Some (E',
    sc') -> exists w, ext v E w E' /\ sim (fold_left (fun e w => set_idx K e (fst w) (snd w))
    (combine (map fst ix) ws) e) sc' w (variables E') /\ places sc' = places sc.
Proof.
  induction ix as [|x ix IH]; intros ws e E sc v E' sc' G S F H; inversion F as [|k0 ? ws0 ? Hk
    Hks]; subst.
  - unfold fold_option in H. simpl in H. inversion H; subst. exists v.
    split; [apply ext_refl; auto|auto].
  - unfold fold_option in H. cbn [fold_left] in H.
    destruct (add_index (E, sc) x) as [[E1 sc1]|] eqn:D; [|exfalso; clear -H; induction ix; simpl in
      H; [discriminate|auto]].
    destruct (add_index_ok K e sc v E x k0 E1 sc1 G S D Hk) as (w & X & S1).
    destruct (IH _ _ _ _ w E' sc' (proj1 X) S1 Hks H) as (w' & X' & S2 & A). exists w'. split.
    eapply ext_trans; eauto. split; auto. rewrite A. unfold add_index in D.
    destruct (_ && _); [|discriminate]. inversion D; auto.
Qed.

(** All goals hold: so does what the statement ensures. *)
Lemma clause_goals_ok e sc v n c fs : sim e sc v n ->
    map_option (clause_at sc true c) (seq 0 (cases c)) = Some fs -> Forall (holds v) fs ->
    clause_true K e c.
Proof.
  intros S M F. apply map_option_ok in M.
  assert (At : forall i, (i < cases c)%nat ->
      any_true K e i (any c) \/ ~ guarded K e i (where_ c)).
  { intros i Hi. assert (Hs : In i (seq 0 (cases c))) by (apply in_seq; lia).
    revert F Hs. clear -M S. induction M as [|j f js fs C M IH]; intros F Hs; [destruct Hs|].
    inversion F; subst. destruct Hs as [->|Hs]; auto. eapply (clause_ok e sc v n); eauto. }
  unfold clause_true, cases in *. destruct (each c) eqn:Ec.
  - intros i Hi Gd. destruct (At i Hi); tauto.
  - destruct (At O) as [|Y]; auto. exfalso. apply Y.
    (* without i there is no guard: guard_branch would have failed *)
    destruct (where_ c) as [[g w]|] eqn:Wc; [|simpl; auto]. exfalso.
    inversion M as [|j f js gs Ec1 Ec2 Ej Ef]; subst. unfold clause_at, guard_branch in Ec1.
    rewrite Wc, Ec in Ec1. destruct (map_option _ _); discriminate.
Qed.

Lemma goals_of_ok e sc v n St goals : sim e sc v n -> goals_of sc St = Some goals ->
    Forall (fact_below n) goals /\ (Forall (holds v) goals ->
    Forall (clause_true K e) (ensures St)).
Proof.
  intros S. unfold goals_of. destruct (map_option _ (ensures St)) as [fss|] eqn:M; [|discriminate].
  cbn [option_map]. intros H. apply some_inj in H. subst goals. apply map_option_ok in M.
  revert M. generalize (ensures St). intros cs0 M.
  induction M as [|c fs cs fss C M [I1 I2]]; [split; constructor|]. cbn [List.concat].
  split.
  - apply Forall_app. split; auto. apply map_option_ok in C. eapply Forall2_imp; [exact C|].
    intros i f Ci. exact (proj1 (clause_ok e sc v n true c i f S Ci)).
  - intros F. apply Forall_app in F as [F1 F2]. constructor; auto.
    eapply clause_goals_ok; eauto.
Qed.

Theorem check_statement_ok lemmas n s al St p : (forall L, In L lemmas -> lemma_true K L) ->
    add_network n = Some s -> check_statement lemmas n s al St p = true -> statement_true K n al St.
Proof.
  intros HL Hn H x Hx ws Hws e e0 De Hr. unfold check_statement in H.
  destruct (map_option _ al) as [ps|] eqn:Ap; [|discriminate].
  destruct (fold_option add_index _ _) as [[E1 sc1]|] eqn:Di; [|discriminate].
  destruct (fold_option add_definition _ _) as [[E2 sc2]|] eqn:Dd; [|discriminate].
  destruct (fold_option (add_requirement sc2) _ _) as [E3|] eqn:Dr; [|discriminate].
  destruct (goals_of sc2 St) as [goals|] eqn:Go; [|discriminate].
  rewrite !andb_true_iff in H. destruct H as [[Dist _] Pr].
  destruct (add_network_ok K n s x Hn Hx) as (v & G & Si & So). set (y := compute K n x) in *.
  set (a0 := fold_right (fun a e => set_arr K e (array_name a) (array_value K x y a))
    (no_names K) al).
  assert (Ps : forall r, In r ps -> exists a pl, In a al /\ r = (array_name a, pl) /\
    map v (element_variables pl) = array_value K x y a /\
    lt_all (variables (fst s)) (element_variables pl)).
  { apply map_option_ok in Ap. clear -Ap Si So.
    induction Ap as [|a r al ps A _ IH]; intros q; simpl; [tauto|]. intros [<-|Hq].
    - destruct (array_place_ok n x y v (fst s) (snd s) a r) as (pl & Hp); auto. exists a, pl. tauto.
    - destruct (IH q Hq) as (a' & pl & Ha & Hp). exists a', pl. tauto. }
  assert (S0 : sim a0 (Scope ps [] [] []) v (variables (fst s))).
  { unfold DefinitionsSound.sim; simpl. split; [|tauto]. intros a pl Ha.
    apply Ps in Ha as (b & q & Hb & E & M & L). inversion E; subst. split; auto. rewrite M.
    symmetry. apply distinct_arr; auto. }
  destruct (add_indices_ok (index St) ws a0 (fst s) _ v E1 sc1 G S0 Hws Di)
    as (w1 & X1 & S1 & A1). change (fold_left _ _ a0) with e0 in S1.
  destruct (fold_left add_reads ps (E1, sc1)) as [E1' sc1'] eqn:Rd.
  destruct (all_reads_ok K e0 ps E1 sc1 w1 E1' sc1' (proj1 X1) S1) as (w2 & X2 & S2); auto.
  { intros a Ha. rewrite A1. auto. }
  destruct (add_definitions_ok K (define St) e0 E1' sc1' w2 e E2 sc2 (proj1 X2) S2 Dd De)
    as (w3 & X3 & S3).
  destruct (add_requirements_ok e sc2 w3 (requires St) E2 E3 S3 (proj1 X3) Hr Dr) as [G3 N3].
  destruct (goals_of_ok e sc2 w3 _ St goals S3 Go) as [Below Ensured]. apply Ensured.
  apply (proves_ok K lemmas HL (pick_at sc2 (requires St)) (variables E2)
    (fun u => sim e sc2 u (variables E2))) with (v := w3) in Pr; auto.
  - intros u u' A Su. eapply sim_agree; eauto. lia.
  - intros t i f P. split. eapply (pick_at_ok e sc2 w3); eauto. intros u Su.
    eapply (pick_at_ok e sc2 u); eauto.
  - rewrite N3. lia.
  - rewrite N3. exact Below.
Qed.

End Soundness.

(** What the checker accepts is true over every ordered field. *)
Theorem check_sound c : check c = true -> forall K, claim_true K (the_network c) (the_claim c).
Proof.
  unfold check. intros H K. destruct (add_network (the_network c)) as [s|] eqn:N; [|discriminate].
  destruct (check_lemmas _ _) as [ls|] eqn:L; [|discriminate].
  assert (HL : forall M, In M ls -> lemma_true K M).
  { eapply check_lemmas_ok; [|exact L]. simpl. tauto. }
  unfold claim_true. revert H. generalize (the_proofs c).
  induction (statements (the_claim c)) as [|S Ss IH]; intros [|p ps]; simpl; try discriminate;
    constructor; apply andb_true_iff in H as [H1 H2]; eauto. eapply check_statement_ok; eauto.
Qed.
