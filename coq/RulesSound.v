(** Every rule is sound: a proof proves its goals, a lemma holds for all values. *)
From Coq Require Import List ZArith Bool Lia FMapPositive OrderedRing.
Import ListNotations.
From Relumax Require Import Statement Kernel FormsSound FactsSound BranchSound.

Section RulesSound.
Variable K : OrderedField.
Notation "x <= y" := (le K x y).
Notation value := (value K).
Notation holds_atom := (holds_atom K).
Notation holds := (holds K).
Notation agree := (agree K).
Notation good := (good K).
Notation true_in := (true_in K).
Notation substituted := (substituted K).

(** * Instance *)

Fixpoint units_true (w : N -> K) (i : N) (l : list (kind * form)) : Prop := match l with
  | [] => True
  | (k, f) :: l => w i = act K k (value w f) /\ units_true w (i + 1) l
  end.
(** What a lemma says: for all values, its units and what is given imply the rest. *)
Definition lemma_true (L : lemma) := forall w, units_true w (lemma_variables L) (lemma_units L) ->
  Forall (holds w) (given L) -> Forall (holds w) (then_ L).
Definition nothing_from (i : N) (m : substitution) :=
  forall j, (i <= j)%N -> PM.find (N.succ_pos j) m = None.

Lemma nothing_from_add i m f : nothing_from i m -> nothing_from (i + 1) (PM.add (N.succ_pos i) f m).
Proof.
  intros A j Hj. rewrite PM.gso. apply A; lia. intros H. apply succ_pos_inj in H. lia.
Qed.

Lemma values_below_add n m i f : values_below n m -> form_below n f ->
    values_below n (PM.add i f m).
Proof.
  intros M D p g. destruct (Pos.eq_dec p i) as [->|H]. rewrite PM.gss.
  intros E; inversion E; subst; auto. rewrite PM.gso; auto. apply M.
Qed.

Lemma argument_below E a f : below_all E -> argument_form E a = Some f ->
    form_below (variables E) f.
Proof.
  intros [W U]. destruct a as [v|k|v|g]; simpl.
  - destruct (N.ltb_spec v (variables E)); [|discriminate]. intros H'; inversion H'.
    apply variable_below; auto.
  - destruct (get E k) as [[| |h l]|] eqn:G; try discriminate. intros H'; inversion H'; subst.
    apply W in G. apply G.
  - destruct (get_unit E v) as [[k g]|] eqn:G; [|discriminate]. intros H'; inversion H'; subst.
    apply (U v k); auto.
  - destruct (good_form _ _) eqn:G; [|discriminate]. intros H'; inversion H'; subst.
    apply good_form_below; auto.
Qed.

Lemma instance_arguments_ok E l : below_all E -> forall i m m',
    instance_arguments E i l m = Some m' -> values_below (variables E) m -> nothing_from i m ->
    values_below (variables E) m' /\ nothing_from (i + N.of_nat (List.length l)) m'.
Proof.
  intros W. induction l as [|a l IH]; simpl; intros i m m' H M A.
  - inversion H; subst. rewrite N.add_0_r. auto.
  - destruct (argument_form E a) as [f|] eqn:F; [|discriminate]. apply IH in H as [H1 H2].
    + split; auto. replace (i + N.pos (Pos.of_succ_nat (List.length l)))%N
        with (i + 1 + N.of_nat (List.length l))%N by lia. exact H2.
    + apply values_below_add; auto. eapply argument_below; eauto.
    + apply nothing_from_add; auto.
Qed.

Lemma same_unit_ok E v m k f u : good v E -> same_unit E m (k, f) u = true -> (u < variables E)%N /\
    exists g, subst_form m f = Some g /\ v u = act K k (value v g).
Proof.
  intros [[_ W] [_ O]]. unfold same_unit.
  destruct (get_unit E u) as [[k' g']|] eqn:U; [|discriminate].
  cbn [fst snd]. destruct (subst_form m f) as [g|]; [|discriminate]. intros H.
  apply andb_true_iff in H as [H1 H2]. apply kind_eqb_eq in H1. apply form_eqb_eq in H2. subst.
  split; [apply (W _ _ _ U)|]. exists g'. split; [reflexivity|apply (O _ _ _ U)].
Qed.

Lemma instance_units_ok E v l : good v E -> forall i named last m m',
    instance_units E i l named last m = Some m' -> values_below (variables E) m ->
    nothing_from i m -> values_below (variables E) m' /\
    (forall j, (j < i)%N -> PM.find (N.succ_pos j) m' = PM.find (N.succ_pos j) m) /\
    units_true (substituted m' v) i l.
Proof.
  intros G. induction l as [|[k f] l IH]; simpl; intros i named last m m' H M A.
  - destruct (nonempty named); [discriminate|]. inversion H; subst. auto.
  - destruct (next_named named last) as [[u rest]|]; [|discriminate].
    destruct (same_unit E m (k, f) u) eqn:U; [|discriminate].
    destruct (same_unit_ok E v m k f u G U) as (U1 & g & S & U2).
    apply IH in H as (H1 & H2 & H3);
      [|apply values_below_add; auto; apply variable_below; auto|apply nothing_from_add; auto].
    assert (Old : forall j, (j < i)%N -> PM.find (N.succ_pos j) m' = PM.find (N.succ_pos j) m).
    { intros j Hj. rewrite H2 by lia. apply PM.gso. intros E'. apply succ_pos_inj in E'. lia. }
    split; [auto|]. split; [auto|]. split; auto.
    unfold BranchSound.substituted at 1. rewrite H2 by lia. rewrite PM.gss, variable_ok, U2.
    f_equal. rewrite (subst_form_ok K m v f g S). apply value_ext. intros p Hp.
    unfold BranchSound.substituted. rewrite Old; auto. apply (subst_form_vars K m f g S) in Hp.
    destruct (N.lt_ge_cases (fst p) i); auto. exfalso. apply Hp. apply A; auto.
Qed.

Lemma instance_given_ok E v m l : true_in v E -> forall ks, instance_given E m l ks = true ->
    Forall (holds (substituted m v)) l.
Proof.
  intros O. induction l as [|f l IH]; intros [|k ks]; simpl; try discriminate; constructor;
    destruct (get E k) eqn:G; try discriminate;
    destruct (subst_fact m f) eqn:S; try discriminate.
  - apply andb_true_iff in H as [H _]. apply fact_eqb_eq in H. subst.
    apply (subst_fact_ok K m v) in S. apply S. eapply O; eauto.
  - apply andb_true_iff in H as [_ H]. eauto.
Qed.

Lemma instance_ok lemmas E v n values ks E' : (forall L, In L lemmas -> lemma_true L) -> good v E ->
    instance lemmas E n values ks = Some E' -> good v E' /\ variables E' = variables E.
Proof.
  intros HL G. unfold instance. destruct (nth_error lemmas _) as [L|] eqn:NL; [|discriminate].
  apply nth_error_In in NL. cbv zeta.
  set (arguments := firstn _ values). set (named := skipn _ values).
  destruct (N.eqb_spec (N.of_nat (List.length arguments)) (lemma_variables L)) as [Len|];
    [|discriminate]. cbn [negb].
  destruct (instance_arguments _ _ _ _) as [m|] eqn:A; [|discriminate].
  destruct (instance_units _ _ _ _ _) as [m'|] eqn:U; [|discriminate].
  destruct (instance_given _ _ _ _) eqn:Gv; [|discriminate].
  destruct (map_option _ _) as [fs|] eqn:T; [|discriminate]. simpl.
  intros H; inversion H; subst; clear H.
  apply instance_arguments_ok in A as [A1 A2];
    [|apply G|intros p g; rewrite PM.gempty; discriminate|intros j _; apply PM.gempty].
  rewrite N.add_0_l, Len in A2. apply (instance_units_ok E v) in U as (U1 & _ & U3); auto.
  assert (Th : Forall (holds (substituted m' v)) (then_ L)).
  { apply (HL L NL); auto. eapply instance_given_ok; eauto. apply G. }
  apply map_option_ok in T. split; [|apply variables_add_facts]. apply good_add_facts; auto.
  - eapply Forall2_imp; [exact T|]. intros x y. apply subst_fact_below; auto.
  - refine (proj1 (Forall2_Forall _ _ _ _ _ T _) Th). intros x y S. symmetry.
    apply subst_fact_ok; auto.
Qed.

(** * Max facts *)

Definition in_marks (f : form) (m : marks) := exists p l, PM.find p m = Some l /\ In f l.

Lemma in_all_marked f m : in_marks f m <-> In f (all_marked m).
Proof.
  unfold all_marked. rewrite in_flat_map. split.
  - intros (p & l & P & L). exists (p, l). split; auto. apply PM.elements_correct; auto.
  - intros ([p l] & P & L). exists p, l. split; auto. apply PM.elements_complete; auto.
Qed.

Lemma in_marked_at f m g : In f (marked_at m g) -> in_marks f m.
Proof.
  unfold marked_at. destruct (PM.find (mark_key g) m) as [l|] eqn:P; [|intros []].
  exists (mark_key g), l. auto.
Qed.

Lemma marked_ok m f : marked m f = true -> in_marks f m.
Proof.
  unfold marked. rewrite existsb_exists. intros (g & Hg & E). apply form_eqb_eq in E. subst.
  eapply in_marked_at; eauto.
Qed.

Lemma in_mark f m g : in_marks f (mark m g) <-> f = g \/ in_marks f m.
Proof.
  unfold mark. destruct (marked m g) eqn:M.
  - apply marked_ok in M. split; auto. intros [->|]; auto.
  - split.
    + intros (p & l & P & L). destruct (Pos.eq_dec p (mark_key g)) as [->|D].
      * rewrite PM.gss in P. inversion P; subst. destruct L as [<-|L]; auto. right.
        eapply in_marked_at; eauto.
      * rewrite PM.gso in P by auto. right. exists p, l. auto.
    + intros [->|(p & l & P & L)].
      * exists (mark_key g), (g :: marked_at m g). split. apply PM.gss. left; auto.
      * destruct (Pos.eq_dec p (mark_key g)) as [->|D].
        -- exists (mark_key g), (g :: marked_at m g). split. apply PM.gss. right.
           unfold marked_at. rewrite P. auto.
        -- exists p, l. rewrite PM.gso; auto.
Qed.

Lemma in_mark_all f l : forall m, in_marks f (mark_all l m) <-> In f l \/ in_marks f m.
Proof.
  induction l as [|g l IH]; intros m; simpl; [tauto|]. change (mark_all (g :: l) m)
    with (mark_all l (mark m g)). rewrite IH, in_mark. intuition.
Qed.

Lemma in_unmark f m g : in_marks f (unmark m g) -> in_marks f m.
Proof.
  intros (p & l & P & L). unfold unmark in P. destruct (Pos.eq_dec p (mark_key g)) as [->|D].
  - rewrite PM.gss in P. inversion P; subst. apply filter_In in L as [L _].
    eapply in_marked_at; eauto.
  - rewrite PM.gso in P by auto. exists p, l. auto.
Qed.

Lemma in_unmark_other f m g : in_marks f m -> form_eqb g f = false -> in_marks f (unmark m g).
Proof.
  intros (p & l & P & L) D. destruct (Pos.eq_dec p (mark_key g)) as [->|N].
  - exists (mark_key g), (filter (fun x => negb (form_eqb g x)) (marked_at m g)). split.
    apply PM.gss. apply filter_In. rewrite D. split; auto. unfold marked_at. rewrite P. auto.
  - exists p, l. unfold unmark. rewrite PM.gso; auto.
Qed.

Lemma in_empty f : ~ in_marks f (PM.empty _).
Proof.
  intros (p & l & P & _). rewrite PM.gempty in P. discriminate.
Qed.

(** The largest of the marked forms is x. *)
Definition max_of v x (m : marks) := (exists s, in_marks s m /\ value v s = x) /\
  forall s, in_marks s m -> value v s <= x.

Lemma max_of_forms v h ss : is_max K (value v h) (map (value v) ss) ->
    max_of v (value v h) (mark_all ss (PM.empty _)).
Proof.
  intros [M1 M2]. split.
  - apply in_map_iff in M1 as (s & E & Hs). exists s. rewrite in_mark_all. auto.
  - intros s Hs. apply in_mark_all in Hs as [Hs|Hs]. apply M2, in_map; auto.
    exfalso; eapply in_empty; eauto.
Qed.

Lemma open_marks_ok E v x k : true_in v E -> forall f m, max_of v x m ->
    max_of v x (open_marks E k f m).
Proof.
  intros O. induction k as [|k IH]; simpl; intros f m M; auto. apply IH.
  destruct (get E (f - 1)) as [[| |h ss]|] eqn:G; auto. destruct (marked m h) eqn:Mh; auto.
  apply marked_ok in Mh. apply O in G. simpl in G. destruct G as [G1 G2], M as [(s & Hs & E1) M2].
  split.
  - destruct (form_eqb h s) eqn:Q.
    + apply form_eqb_eq in Q. subst s. apply in_map_iff in G1 as (c & Ec & Hc). exists c.
      rewrite in_mark_all. split; auto. congruence.
    + exists s. rewrite in_mark_all. split; auto. right. apply in_unmark_other; auto.
  - intros c Hc. apply in_mark_all in Hc as [Hc|Hc].
    + eapply (Rle_trans (laws K)); [apply G2, in_map, Hc|]. apply M2; auto.
    + apply M2. eapply in_unmark; eauto.
Qed.

Lemma merge_ok E v f g low E' : good v E -> merge E f g low = Some E' -> good v E' /\
    variables E' = variables E.
Proof.
  intros [W O]. unfold merge. destruct (get E f) as [[| |h ss]|] eqn:Gf; try discriminate.
  destruct (get E g) as [[| |h' ss']|] eqn:Gg; try discriminate. cbv zeta.
  destruct (_ && _) eqn:B; [|discriminate]. intros H; inversion H; subst; clear H.
  split; [|reflexivity]. apply andb_true_iff in B as [B B3]. apply andb_true_iff in B as [_ B2].
  rewrite forallb_forall in B2, B3.
  pose proof (proj1 W _ _ Gf) as [Df _]. pose proof (proj1 W _ _ Gg) as [Dg _].
  apply O in Gf, Gg. simpl in Gf, Gg.
  apply good_push; [split; auto|apply difference_below; auto|]. apply difference_ok. simpl.
  apply max_of_forms in Gf. apply (open_marks_ok E v _ (N.to_nat (f - low)) O f) in Gf.
  destruct Gf as [(s & Hs & Es) F2], Gg as [G1 G2]. apply (Rle_antisymm (laws K)).
  - rewrite <- Es. apply G2, in_map. apply in_all_marked, B2, marked_ok in Hs.
    apply in_mark_all in Hs as [Hs|Hs]; auto. exfalso; eapply in_empty; eauto.
  - apply in_map_iff in G1 as (c & <- & Hc). apply F2, marked_ok, B3, Hc.
Qed.

Lemma elim_ok E v f E' : good v E -> elim E f = Some E' -> good v E' /\ variables E' = variables E.
Proof.
  intros G. unfold elim. destruct (get E f) as [[| |h ss]|] eqn:Gf; try discriminate.
  intros H; inversion H; clear H. split; [|rewrite variables_add_fact, variables_push_all; auto].
  pose proof (proj1 (proj1 G) _ _ Gf) as [Dh Ds]. apply (proj1 (proj2 G)) in Gf.
  destruct Gf as [F1 F2]. rewrite Forall_forall in Ds.
  apply good_add_fact; [apply good_push_all; auto| |]; try rewrite variables_push_all.
  - apply Forall_map', Forall_forall. intros s Hs. apply difference_below; auto.
  - apply Forall_map', Forall_forall. intros s Hs. apply difference_ok. apply F2.
    apply in_map; auto.
  - apply make_clause_below, Forall_map', Forall_forall. intros s Hs. repeat constructor.
    apply difference_below; auto.
  - apply make_clause_ok. apply in_map_iff in F1 as [s [E1 Hs]]. apply Exists_exists.
    exists [difference h s EQ]. split. apply (in_map (fun s => [difference h s EQ])); auto.
    repeat constructor. apply difference_ok. simpl; auto.
Qed.

(** * Proofs *)

Section Run.
Variable lemmas : list lemma.
Hypothesis lemmas_true : forall L, In L lemmas -> lemma_true L.
Variable pick : N -> N -> option fact.
Variable n0 : N.
Variable V : (N -> K) -> Prop.

(** What a pick may suppose of the values below n0 *)
Hypothesis V_agree : forall v w, agree n0 v w -> V v -> V w.
Hypothesis pick_ok : forall t i f, pick t i = Some f -> fact_below n0 f /\ forall v, V v -> holds v
    f.

Lemma branches_ok {A} (go : A -> list proof_step -> option (list proof_step)) (P : A -> Prop) :
    (forall b l l', go b l = Some l' -> P b) -> forall bs l l', each_branch go bs l = Some l' ->
    Forall P bs.
Proof.
  intros H.
  induction bs as [|b bs IH]; simpl; intros l l' B; constructor; destruct (go b l) eqn:G; try
    discriminate; eauto.
Qed.

Theorem run_ok k : forall l E goals l' v, run lemmas pick k l E goals = Some l' -> good v E ->
    (n0 <= variables E)%N -> V v -> Forall (fact_below (variables E)) goals ->
    Forall (holds v) goals.
Proof.
  induction k as [|k IH]; intros l E goals l' v; [discriminate|].
  destruct l as [|s l]; [discriminate|]. intros H G N0 HV D.
  assert (More : forall o, match o with Some E => run lemmas pick k l E goals | None => None end =
    Some l' -> (forall E', o = Some E' -> exists w, good w E' /\ agree (variables E) v w /\
    (variables E <= variables E')%N) -> Forall (holds v) goals).
  { intros [E1|] H1 Ho; [|discriminate]. destruct (Ho _ eq_refl) as (w & G1 & A & Le).
    assert (Forall (holds w) goals). eapply IH; eauto. lia. eapply V_agree; [|exact HV].
    eapply agree_le; eauto. eapply Forall_impl; [|exact D]. intros f. apply fact_below_le; auto.
    rewrite Forall_forall in *. intros f Hf. apply (holds_agree K (variables E) f w v); auto.
    apply agree_sym; auto. }
  assert (Same : forall E', good v E' /\ variables E' = variables E -> exists w, good w E' /\ agree
    (variables E) v w /\ (variables E <= variables E')%N).
  { intros E' [G' N']. exists v. split; auto. split. intros i _; auto. lia. }
  simpl in H. destruct s.
  - destruct (leaf E l0) eqn:L; [|discriminate]. exfalso. eapply leaf_ok; [|exact L]. apply G.
  - destruct (get E f) as [[|bs|]|] eqn:Gf; try discriminate.
    pose proof (proj1 (proj1 G) _ _ Gf) as Df. apply (proj1 (proj2 G)) in Gf. simpl in Gf, Df.
    apply (branches_ok _ (fun b => Forall (atom_below (variables E)) b -> Forall (holds_atom v) b ->
      Forall (holds v) goals)) in H.
    + apply Exists_exists in Gf as [b [Hb Gf]]. rewrite Forall_forall in H, Df. apply (H b); auto.
    + intros b l1 l2 R1 Db Hb.
      eapply IH; [exact R1|apply good_atoms; auto| | |]; try rewrite variables_push_all; auto.
  - eapply More; [exact H|]. intros E' Hi. apply Same. eapply combination_ok; eauto.
  - apply (branches_ok _ (fun g => fact_below (variables E) g -> Forall (holds v) (negation g) ->
      Forall (holds v) goals)) in H.
    + assert (X : Forall (fun g => holds v g \/ Forall (holds v) goals) goals).
      { apply Forall_forall. intros g Hg.
        destruct (negation_ok K v g) as [Hn|Hn]; [left; exact Hn|right].
        apply (proj1 (Forall_forall _ _) H g Hg); [exact (proj1 (Forall_forall _ _) D g Hg)|exact
          Hn]. }
      clear -X.
      assert (Y : forall gs, Forall (fun g => holds v g \/ Forall (holds v) goals) gs -> Forall
        (holds v) gs \/ Forall (holds v) goals).
      { intros gs F. induction F as [|g gs Hg _ [IHF|IHF]]; [left; constructor| |right; exact IHF].
        destruct Hg; [left; constructor; auto|right; auto]. }
      destruct (Y goals X) as [Yg|Yg]; exact Yg.
    + intros g l1 l2 R1 Dg Hg.
      eapply IH; [exact R1|apply good_add_facts; auto using negation_below| | |]; try rewrite
        variables_add_facts;
        auto.
  - destruct (good_fact (variables E) f) eqn:Gf; [|discriminate]. apply good_fact_below in Gf.
    destruct (run _ _ k l E [f]) as [l1|] eqn:R1; [|discriminate].
    apply IH with (v := v) in R1; auto. inversion R1; subst.
    eapply IH; [exact H|apply good_add_fact; auto| | |]; try rewrite variables_add_fact; auto.
  - eapply More; [exact H|]. intros E' Hi. apply Same. eapply instance_ok; eauto.
  - eapply More; [exact H|]. intros E'. destruct (good_form _ _) eqn:Gf; [|discriminate].
    intros Hi; inversion Hi; subst. apply good_form_below in Gf.
    exists (assign K v (variables E) (act K k0 (value v f))). split. apply good_new_unit; auto.
      split.
    apply assign_agree. rewrite variables_add_unit. lia.
  - eapply More; [exact H|]. intros E'. destruct (_ && _) eqn:Gf; [|discriminate].
    intros Hi; inversion Hi; subst. apply andb_true_iff in Gf as [Ne Gf].
    rewrite forallb_forall in Gf. assert (Mx : exists x, is_max K x (map (value v) fs)).
    { destruct fs as [|f0 fs]; [discriminate|]. clear. revert f0.
      induction fs as [|f1 fs IH]; intros f0; simpl. exists (value v f0). split; [left; auto|].
      intros x [<-|[]]. apply (Rle_refl (laws K)). destruct (IH f1) as [x [M1 M2]].
      destruct (le_total K (value v f0) x) as [L|L]. exists x. split; [right; exact M1|].
      intros y [<-|Hy]; auto. exists (value v f0). split; [left; auto|]. intros y [<-|Hy].
      apply (Rle_refl (laws K)). eapply (Rle_trans (laws K)); [apply M2; exact Hy|].
      apply lt_le; auto. }
    destruct Mx as [x Mx]. exists (assign K v (variables E) x).
    split; [|split; [apply assign_agree|simpl; lia]].
    apply (good_push K (assign K v (variables E) x) (new_variable E)). apply good_new; auto.
    + simpl. split. apply variable_below; lia. apply Forall_forall. intros g Hg.
      apply Gf, good_form_below in Hg. eapply terms_below_le; [|exact Hg]. lia.
    + simpl. rewrite variable_ok, assign_same.
      replace (map (value (assign K v (variables E) x)) fs) with (map (value v) fs); auto.
      apply map_ext_in. intros g Hg. apply Gf, good_form_below in Hg.
      eapply value_agree; [exact Hg|]. apply assign_agree.
  - eapply More; [exact H|]. intros E'. destruct (pick t i) as [f|] eqn:P; [|discriminate].
    intros Hi; inversion Hi; subst. apply pick_ok in P as [P1 P2]. apply Same.
    split; [|apply variables_add_fact]. apply good_add_fact; auto. eapply fact_below_le; eauto.
  - eapply More; [exact H|]. intros E' Hi. apply Same. eapply merge_ok; eauto.
  - eapply More; [exact H|]. intros E' Hi. apply Same. eapply elim_ok; eauto.
Qed.

Theorem proves_ok l E goals v : proves lemmas pick l E goals = true -> good v E ->
    (n0 <= variables E)%N -> V v -> Forall (fact_below (variables E)) goals ->
    Forall (holds v) goals.
Proof.
  unfold proves. destruct (run _ _ _ _ _ _) eqn:R1; [|discriminate]. intros _. eapply run_ok; eauto.
Qed.

End Run.

(** * Lemmas *)

Lemma good_empty v n : good v (empty_branch n).
Proof.
  split; split; intros k f; unfold get, get_unit; simpl; try (rewrite PM.gempty; discriminate);
    intros g; rewrite PM.gempty; discriminate.
Qed.

Lemma add_units_ok v l : forall E E', add_units E l = Some E' -> good v E ->
    units_true v (variables E) l -> good v E'.
Proof.
  induction l as [|[k f] l IH]; simpl; intros E E' H G U. inversion H; subst; auto.
  destruct (good_form _ _) eqn:Gf; [|discriminate]. destruct U as [U1 U2]. apply IH in H; auto.
  apply good_add_unit; auto. apply good_form_below; auto.
Qed.

Lemma check_lemma_ok lemmas L p : (forall L, In L lemmas -> lemma_true L) ->
    check_lemma lemmas L p = true -> lemma_true L.
Proof.
  intros HL. unfold check_lemma. destruct (add_units _ _) as [E|] eqn:U; [|discriminate].
  rewrite !andb_true_iff. intros [[F _] P] v Hu Hg.
  apply (add_units_ok v) in U; [|apply good_empty|exact Hu]. rewrite forallb_forall in F.
  apply (proves_ok lemmas HL (fun _ _ => None) 0%N (fun _ => True)) with (v := v) in P; auto.
  - intros t i f H; discriminate.
  - apply good_add_facts; auto. apply Forall_forall. intros f Hf.
    apply good_fact_below, F, in_app_iff; auto.
  - rewrite variables_add_facts. lia.
  - rewrite variables_add_facts. apply Forall_forall. intros f Hf. apply good_fact_below, F,
      in_app_iff; auto.
Qed.

Lemma check_lemmas_ok ls : forall done out, (forall L, In L done -> lemma_true L) ->
    check_lemmas done ls = Some out -> forall L, In L out -> lemma_true L.
Proof.
  induction ls as [|[L0 p] ls IH]; simpl; intros done out D H. inversion H; subst; auto.
  destruct (check_lemma _ _ _) eqn:C; [|discriminate]. apply (IH _ _) with (2 := H). intros L HL.
  apply in_app_iff in HL as [HL|[<-|[]]]; auto. eapply check_lemma_ok; eauto.
Qed.

End RulesSound.
