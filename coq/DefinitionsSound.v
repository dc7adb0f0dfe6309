(** References, indices, reads and definitions have the values that Statement.v gives them. *)
From Coq Require Import String List ZArith Bool Lia OrderedRing Setoid.
Import ListNotations.
From Relumax Require Import Statement Kernel Elaborate FormsSound FactsSound BranchSound RulesSound.
From Relumax Require Import NetworkSound.

Lemma pair_inj {A B} (a c : A) (b d : B) : Some (a, b) = Some (c, d) -> a = c /\ b = d.
Proof.
  intros H; inversion H; auto.
Qed.

Lemma element_variable_nth p i : element_variable p i = nth_error (element_variables p) i.
Proof.
  unfold element_variable, element_variables. destruct (Nat.ltb_spec i (size p)) as [L|L].
  - symmetry. erewrite map_nth_error; [reflexivity|].
    rewrite (nth_error_nth' _ O) by (rewrite seq_length; auto). rewrite seq_nth; auto.
  - symmetry. apply nth_error_None. rewrite map_length, seq_length. exact L.
Qed.

Lemma element_variables_length p : List.length (element_variables p) = size p.
Proof.
  unfold element_variables. rewrite map_length, seq_length. reflexivity.
Qed.

Section DefinitionsSound.
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
Notation ext := (ext K).
Notation nat_ := (nat_ K).

(** * Integers in K *)

Lemma z_lt a b : (a < b)%Z -> z a < z b.
Proof.
  intros H. apply (Rlt_lt_minus (laws K)). rewrite <- z_sub. apply z_gt. lia.
Qed.

Lemma z_le_iff a b : z a <= z b <-> (a <= b)%Z.
Proof.
  split; [|apply z_le]. intros H. destruct (Z.le_gt_cases a b); auto. exfalso.
  apply (le_nlt K) in H. apply H, z_lt. auto.
Qed.

Lemma z_eq_iff a b : z a = z b <-> a = b.
Proof.
  split; [|congruence]. intros H.
  assert (z a <= z b /\ z b <= z a) as [H1 H2] by (rewrite H; split; apply (Rle_refl (laws K))).
  apply z_le_iff in H1, H2. lia.
Qed.

Lemma le_iff x y : x - y <= 0 <-> x <= y.
Proof.
  apply (rel2_sub K LE).
Qed.

Lemma eq_iff x y : x - y = 0 <-> x = y.
Proof.
  apply (rel2_sub K EQ).
Qed.

(** * References: values of variables agree with what the names stand for *)

Definition sim (e : env K) (sc : scope) (v : N -> K) (n : N) :=
  (forall a p, In (a, p) (places sc) ->
    map v (element_variables p) = arr K e a /\ lt_all n (element_variables p)) /\
  (forall m u, In (m, u) (scalars sc) -> v u = sca K e m /\ (u < n)%N) /\
  (forall w k u, In (w, (k, u)) (indices sc) ->
    v u = nat_ (idx K e w) /\ (u < n)%N /\ (idx K e w < k)%nat) /\
  (forall a w u, In ((a, w), u) (reads sc) ->
    v u = nth (idx K e w) (arr K e a) 0 /\ (u < n)%N /\
    (idx K e w < List.length (arr K e a))%nat /\
    (exists p, In (a, p) (places sc)) /\ exists b, In (w, b) (indices sc)).

Lemma sim_agree e sc v w n m : sim e sc v n -> agree n v w -> (n <= m)%N -> sim e sc w m.
Proof.
  intros (S1 & S2 & S3 & S4) A L. repeat split; intros.
  - rewrite <- (proj1 (S1 _ _ H)). apply (map_agree K n); auto. apply (S1 _ _ H).
  - eapply lt_all_le; [|apply (S1 _ _ H)]; auto.
  - rewrite <- (proj1 (S2 _ _ H)). symmetry; apply A, (S2 _ _ H).
  - apply S2 in H as [_ H]. lia.
  - rewrite <- (proj1 (S3 _ _ _ H)). symmetry; apply A, (S3 _ _ _ H).
  - apply S3 in H as (_ & H & _). lia.
  - apply (S3 _ _ _ H).
  - rewrite <- (proj1 (S4 _ _ _ H)). symmetry; apply A, (S4 _ _ _ H).
  - apply S4 in H as (_ & H & _). lia.
  - apply (S4 _ _ _ H).
  - apply (S4 _ _ _ H).
  - apply (S4 _ _ _ H).
Qed.

Lemma find_place_in sc out a p : find_place sc out a = Some p -> In (a, p) (places sc).
Proof.
  unfold find_place. destruct (assoc a (places sc)) as [q|] eqn:A; [|discriminate].
  destruct (_ && _); [discriminate|]. intros H; inversion H; subst. apply assoc_in; auto.
Qed.

Lemma element_ok e sc v n out a p k u : sim e sc v n -> find_place sc out a = Some p ->
    element_variable p k = Some u -> v u = nth k (arr K e a) 0 /\ (u < n)%N /\
    (k < List.length (arr K e a))%nat.
Proof.
  intros S A Hk. rewrite element_variable_nth in Hk. apply find_place_in in A.
  apply S in A as [A1 A2]. rewrite <- A1. split; [|split].
  - symmetry. apply nth_error_value; auto.
  - unfold lt_all in A2. rewrite Forall_forall in A2. apply A2. eapply nth_error_In; eauto.
  - rewrite map_length. apply nth_error_Some. congruence.
Qed.

Lemma reference_variable_ok e sc v n out ea i r o : sim e sc v n ->
    reference_variable sc out ea i r = Some o -> match o with | Some u =>
    v u = reference_value K e i r /\ (u < n)%N | None => reference_value K e i r = nat_ i end.
Proof.
  intros S. destruct r as [a k|a w|a|m|w|]; simpl.
  - destruct (find_place sc out a) as [p|] eqn:A; [|discriminate].
    destruct (element_variable p k) as [u|] eqn:U; [|discriminate]. intros H; inversion H.
    destruct (element_ok e sc v n out a p k u S A U); tauto.
  - destruct (find_place sc out a) as [p|] eqn:A; [|discriminate].
    destruct (assoc2 a w _) eqn:U; [|discriminate]. intros H; inversion H. apply assoc2_in in U.
    apply S in U. tauto.
  - destruct (find_place sc out a) as [p|] eqn:A; [|discriminate]. destruct ea; [|discriminate].
    destruct (Nat.eqb _ _); [|discriminate].
    destruct (element_variable p i) as [u|] eqn:U; [|discriminate].
    intros H; inversion H. destruct (element_ok e sc v n out a p i u S A U); tauto.
  - destruct (assoc m _) eqn:A; [|discriminate]. intros H; inversion H. apply assoc_in in A.
    apply S in A; auto.
  - destruct (assoc w _) as [[k u]|] eqn:A; [|discriminate]. intros H; inversion H. simpl.
    apply assoc_in in A. apply S in A; tauto.
  - destruct ea; [|discriminate]. intros H; inversion H. auto.
Qed.

Lemma affine_terms_ok e sc v n out ea i c l : sim e sc v n -> forall c' ts,
    affine_terms sc out ea i c l = Some (c', ts) -> z c' + dot v ts = z c + fold_right (fun p t =>
    z (fst p) * reference_value K e i (snd p) + t) 0 l /\ terms_below n ts.
Proof.
  intros S. induction l as [|[m r] l IH]; cbn [affine_terms fold_right fst snd]; intros c' ts H.
  inversion H; subst. split. reflexivity. constructor.
  destruct (reference_variable sc out ea i r) as [o|] eqn:Rv; [|discriminate].
  apply (reference_variable_ok e sc v n) in Rv; auto.
  destruct (affine_terms _ _ _ _ _ l) as [[c1 t1]|]; [|destruct o; discriminate].
  destruct (IH _ _ eq_refl) as [I1 I2]. destruct o as [u|].
  - assert (E1 : c' = c1) by congruence.
    assert (E2 : ts = combine_terms m 1 [(u, 1%Z)] t1) by congruence. rewrite E1, E2. clear H E1 E2.
    destruct Rv as [Rv L]. rewrite dot_combine. change (z 1%Z) with 1. split.
    transitivity (z m * v u + (z c1 + dot v t1)). simpl. change (z 1%Z) with 1. ring.
    rewrite I1, Rv. ring. apply combine_below; auto. repeat constructor; auto.
  - inversion H; subst; clear H. rewrite z_add, z_mul. split; auto. rewrite Rv.
    transitivity (z m * nat_ i + (z c1 + dot v ts)). unfold Statement.nat_. ring. rewrite I1. ring.
Qed.

Lemma affine_form_ok e sc v n ea i d s f : sim e sc v n -> affine_form sc ea i d s = Some f ->
    value v f = over (affine_value K e i s) d /\ form_below n f.
Proof.
  intros S. unfold affine_form.
  destruct (affine_terms _ _ _ _ _ _) as [[c ts]|] eqn:T; [|discriminate]. intros H; inversion H.
  apply (affine_terms_ok e sc v n) in T as [T1 T2]; auto. split. rewrite make_form_ok. simpl.
  rewrite T1. reflexivity. apply make_form_below; auto.
Qed.

Lemma affine_atom_ok e sc v n out ea i a b : sim e sc v n -> affine_atom sc out ea i a = Some b ->
    (holds_atom v b <-> holds_relation K (fst a) (affine_value K e i (snd a))) /\ atom_below n b.
Proof.
  intros S. unfold affine_atom.
  destruct (affine_terms _ _ _ _ _ _) as [[c ts]|] eqn:T; [|discriminate]. intros H; inversion H.
  apply (affine_terms_ok e sc v n) in T as [T1 T2]; auto. split. rewrite make_atom_ok. simpl.
  rewrite T1. reflexivity. apply make_atom_below; auto.
Qed.

(** * Indices, and what is read at them *)

Lemma add_index_ok e sc v E x k E' sc' : good v E -> sim e sc v (variables E) ->
    add_index (E, sc) x = Some (E', sc') -> (k < snd x)%nat -> exists w, ext v E w E' /\
    sim (set_idx K e (fst x) k) sc' w (variables E').
Proof.
  intros G S H Hk. unfold add_index in H. destruct (_ && _) eqn:F; [|discriminate].
  apply pair_inj in H as [<- <-]. apply andb_true_iff in F as [F _]. unfold fresh in F.
  rewrite !andb_true_iff in F. destruct F as [_ Fi]. set (w := assign K v (variables E) (nat_ k)).
  exists w.
  assert (B : terms_below (variables E + 1) [(variables E, 1%Z)]) by (repeat constructor; simpl;
    lia).
  assert (B' : terms_below (variables E + 1) [(variables E, (-1)%Z)]) by (repeat constructor; simpl;
    lia). assert (W : w (variables E) = nat_ k) by apply assign_same.
  split; [split; [|split; [apply assign_agree|simpl; lia]]|].
  - apply good_push; [apply good_push; [apply good_new; auto| |]| |].
    + exact B'.
    + simpl. unfold FormsSound.holds_atom. simpl. rewrite W. change (z (-1)%Z) with (- (1)).
      change (z 0%Z) with 0. replace (0 + (- (1) * nat_ k + 0)) with (- nat_ k) by ring.
      apply le_opp. apply (z_le K 0). lia.
    + apply make_atom_below; auto.
    + refine (proj2 (make_atom_ok K _ _ _ _) _).
      cbn [holds_relation Statement.dot fold_right fst snd]. rewrite W, z_sub.
      change (z 1%Z) with 1. unfold Statement.nat_.
      replace (1 - z (Z.of_nat (snd x)) + (1 * z (Z.of_nat k) + 0)) with (z (Z.of_nat k) + 1 - z
        (Z.of_nat (snd x))) by ring. apply le_iff. change 1 with (z 1%Z). rewrite <- z_add.
      apply z_le. lia.
  - assert (S' : sim e sc w (variables E + 1)) by (eapply sim_agree; eauto;
      [apply assign_agree|lia]).
    clear S. destruct S' as (S1 & S2 & S3 & S4). repeat split; simpl; intros.
    + apply (S1 _ _ H).
    + apply (S1 _ _ H).
    + apply (S2 _ _ H).
    + apply (S2 _ _ H).
    + unfold update. apply in_app_iff in H as [H|[H|[]]].
      destruct (String.eqb_spec (fst x) w0) as [<-|]. exfalso. exact (unknown_notin _ _ _ Fi H).
      apply (S3 _ _ _ H). inversion H; subst. rewrite String.eqb_refl. auto.
    + apply in_app_iff in H as [H|[H|[]]]. apply (S3 _ _ _ H). inversion H; subst. lia.
    + unfold update. apply in_app_iff in H as [H|[H|[]]].
      destruct (String.eqb_spec (fst x) w0) as [<-|]. exfalso. exact (unknown_notin _ _ _ Fi H).
      apply (S3 _ _ _ H). inversion H; subst. rewrite String.eqb_refl. auto.
    + unfold update. destruct (S4 _ _ _ H) as (_ & _ & _ & _ & b & Hb).
      destruct (String.eqb_spec (fst x) w0) as [<-|]. exfalso. exact (unknown_notin _ _ _ Fi Hb).
      apply (S4 _ _ _ H).
    + apply (S4 _ _ _ H).
    + unfold update. destruct (S4 _ _ _ H) as (_ & _ & _ & _ & b & Hb).
      destruct (String.eqb_spec (fst x) w0) as [<-|]. exfalso. exact (unknown_notin _ _ _ Fi Hb).
      apply (S4 _ _ _ H).
    + apply (S4 _ _ _ H).
    + destruct (S4 _ _ _ H) as (_ & _ & _ & _ & b & Hb). exists b. apply in_app_iff; auto.
Qed.

Lemma add_read_ok e a n E sc v x E' sc' : good v E -> sim e sc v (variables E) ->
    add_read a n (E, sc) x = (E', sc') -> In x (indices sc) -> (exists p, In (a, p) (places sc)) ->
    List.length (arr K e a) = n -> exists w, ext v E w E' /\ sim e sc' w (variables E') /\
    indices sc' = indices sc /\ places sc' = places sc.
Proof.
  intros G S H Hx Ha L. destruct x as [i [m u]]. simpl in H.
  destruct (Nat.eqb_spec m n) as [->|]; injection H as <- <-; [|exists v; split; [apply ext_refl;
    auto|auto]]. destruct (proj1 (proj2 (proj2 S)) _ _ _ Hx) as (_ & _ & Hi).
  exists (assign K v (variables E) (nth (idx K e i) (arr K e a) 0)).
  split; [split; [apply good_new; auto|split; [apply assign_agree|simpl; lia]]|]. split; [|auto].
  assert (S' : sim e sc (assign K v (variables E) (nth (idx K e i) (arr K e a) 0))
    (variables E + 1))
    by (eapply sim_agree; eauto; [apply assign_agree|lia]). clear S.
  destruct S' as (S1 & S2 & S3 & S4). unfold sim; simpl. split; [exact S1|].
  split; [exact S2|]. split; [exact S3|]. intros b w u' H.
  apply in_app_iff in H as [H|[H|[]]]; [apply (S4 _ _ _ H)|]. inversion H; subst. rewrite
    assign_same.
  split; auto. split. lia. split. congruence. split; auto. exists (List.length (arr K e b), u).
  auto.
Qed.

Lemma add_reads_ok e E sc v a E' sc' : good v E -> sim e sc v (variables E) ->
    add_reads (E, sc) a = (E', sc') -> In a (places sc) -> exists w, ext v E w E' /\
    sim e sc' w (variables E') /\ indices sc' = indices sc /\ places sc' = places sc.
Proof.
  intros G S H Ha. destruct a as [a p]. unfold add_reads in H. cbn [fst snd] in H.
  assert (L : List.length (arr K e a) = size p).
  { rewrite <- (proj1 (proj1 S _ _ Ha)), map_length. apply element_variables_length. }
  assert (X : forall l E sc v, good v E -> sim e sc v (variables E) -> In (a, p) (places sc)
    -> (forall x, In x l -> In x (indices sc)) -> fold_left (add_read a (size p)) l (E, sc)
    = (E', sc') -> exists w, ext v E w E' /\ sim e sc' w (variables E') /\ indices sc' = indices sc
    /\ places sc' = places sc).
  { clear - L. induction l as [|x l IH]; intros E sc v G S Ha Hl H; cbn [fold_left] in H.
    injection H as <- <-. exists v. split; [apply ext_refl; auto|auto].
    destruct (add_read a (size p) (E, sc) x) as [E1 sc1] eqn:D.
    destruct (add_read_ok e a _ E sc v x E1 sc1 G S D) as (w & X & S1 & I1 & A1); auto.
    apply Hl; left; auto. eauto. destruct (IH E1 sc1 w) as (w' & X' & S2 & I2 & A2); auto. apply X.
    rewrite A1; auto. intros y Hy. rewrite I1. apply Hl; right; auto. exists w'. split.
    eapply ext_trans; eauto. split; auto. split; congruence. }
  eapply X; eauto.
Qed.

Lemma all_reads_ok e l : forall E sc v E' sc', good v E -> sim e sc v (variables E) ->
    (forall a, In a l -> In a (places sc)) -> fold_left add_reads l (E, sc) = (E', sc') -> exists w,
    ext v E w E' /\ sim e sc' w (variables E').
Proof.
  induction l as [|a l IH]; intros E sc v E' sc' G S Hl H; cbn [fold_left] in H.
  injection H as <- <-. exists v. split; [apply ext_refl; auto|auto].
  destruct (add_reads (E, sc) a) as [E1 sc1] eqn:D.
  destruct (add_reads_ok e E sc v a E1 sc1 G S D) as (w & X & S1 & I1 & A1). apply Hl; left; auto.
  destruct (IH E1 sc1 w E' sc') as (w' & X' & S2); auto. apply X. intros b Hb. rewrite A1.
  apply Hl; right; auto. exists w'. split; auto. eapply ext_trans; eauto.
Qed.

(** * Definitions *)

Lemma add_forms_ok f l v E E' : good v E -> Forall (form_below (variables E)) l ->
    fold_option (add_form f) l E = Some E' -> exists w, ext v E w E' /\
    map w (variables_from (variables E) (List.length l)) = map (fun t => shaped K f (value v t)) l
    /\ lt_all (variables E') (variables_from (variables E) (List.length l)).
Proof.
  intros G D H. apply (fold_new K _ (fun t => shaped K f (value v t)) v) in H; auto.
  intros w E1 t E2 X Ht A. unfold add_form in A. destruct (good_form _ t); [|discriminate].
  inversion A; subst; clear A. rewrite Forall_forall in D. specialize (D t Ht).
  assert (Dt : form_below (variables E1) t) by (eapply terms_below_le; [apply X|exact D]).
  destruct (add_shape_ok K f w E1 t (proj1 X) Dt) as (u & Y & U & N). exists u. split; auto.
  split; auto. rewrite U. f_equal. symmetry. apply (value_agree K (variables E)); auto. apply X.
Qed.

Lemma sim_new_array e sc v n a p x : sim e sc v n -> fresh sc a = true ->
    map v (element_variables p) = x -> lt_all n (element_variables p) ->
    sim (set_arr K e a x) (Scope (places sc ++ [(a, p)]) (scalars sc) (indices sc) (reads sc)) v n.
Proof.
  intros (S1 & S2 & S3 & S4) F M L. unfold fresh in F. rewrite !andb_true_iff in F.
  destruct F as [[F _] _].
  assert (Old : forall b q, In (b, q) (places sc) -> update (arr K e) a x b = arr K e b).
  { intros b q Hb. unfold update. destruct (String.eqb_spec a b) as [<-|]; auto. exfalso.
    eapply unknown_notin; eauto. }
  unfold sim; simpl. split; [|split; [exact S2|split; [exact S3|]]].
  - intros b q Hb. apply in_app_iff in Hb as [Hb|[Hb|[]]].
    + rewrite (Old _ _ Hb). apply (S1 _ _ Hb).
    + inversion Hb; subst. unfold update. rewrite String.eqb_refl. auto.
  - intros b w u Hb. destruct (S4 _ _ _ Hb) as (A1 & A2 & A3 & (q & A4) & A5).
    rewrite (Old _ _ A4). split; auto. split; auto. split; auto. split; auto. exists q.
    apply in_app_iff; auto.
Qed.

Lemma sim_new_scalar e sc v n m u x : sim e sc v n -> fresh sc m = true -> v u = x -> (u < n)%N ->
    sim (set_sca K e m x) (new_scalar sc m u) v n.
Proof.
  intros (S1 & S2 & S3 & S4) F M L. unfold fresh in F. rewrite !andb_true_iff in F.
  destruct F as [[_ F] _]. unfold sim; simpl.
  split; [exact S1|split; [|split; [exact S3|exact S4]]]. intros b u' Hb.
  apply in_app_iff in Hb as [Hb|[Hb|[]]]. unfold update. destruct (String.eqb_spec m b) as [<-|].
  exfalso. eapply unknown_notin; eauto. apply (S2 _ _ Hb). inversion Hb; subst. unfold update.
  rewrite String.eqb_refl. auto.
Qed.

Lemma define_array_ok {A} e E sc v f a (g : A -> option form) (h : A -> K) l E' sc' : good v E ->
    sim e sc v (variables E) -> (forall x t, g x = Some t -> value v t = h x /\
    form_below (variables E) t) -> define_array f (E, sc) a (map_option g l) = Some (E', sc') ->
    exists w, ext v E w E' /\ sim (set_arr K e a (map (fun x => shaped K f (h x)) l)) sc'
    w (variables E').
Proof.
  intros G S Hg H. unfold define_array in H.
  destruct (map_option g l) as [ts|] eqn:M; [|discriminate]. apply map_option_ok in M.
  destruct (fresh sc a) eqn:F; [|discriminate].
  destruct (fold_option (add_form f) ts E) as [E1|] eqn:D; [|discriminate]. cbv zeta in H.
  apply (add_forms_ok f ts v E) in D as (w & X & V & L); auto.
  2:{ clear -M Hg. induction M; constructor; auto. eapply Hg; eauto. }
  injection H as H. set (p := Place false (variables E) 1 (List.length ts)) in *.
  assert (P : element_variables p = variables_from (variables E) (List.length ts)).
  { unfold element_variables, variables_from. apply map_ext. intros i. cbn [start gap p]. lia. }
  assert (V' : map w (element_variables p) = map (fun x => shaped K f (h x)) l).
  { rewrite P, V. clear -M Hg. induction M; simpl; auto. rewrite IHM. f_equal. f_equal.
    eapply Hg; eauto. }
  rewrite <- P in L.
  assert (S1 : sim (set_arr K e a (map (fun x => shaped K f (h x)) l))
    (Scope (places sc ++ [(a, p)]) (scalars sc) (indices sc) (reads sc)) w (variables E1)).
  { apply sim_new_array; auto. eapply sim_agree; eauto; apply X. }
  destruct (add_reads_ok _ _ _ w _ E' sc' (proj1 X) S1 H) as (w' & X' & S' & _).
  - simpl. apply in_app_iff. right; left; auto.
  - exists w'. split; auto. eapply ext_trans; eauto.
Qed.

Lemma signed_ok v s u : value v (signed s u) = z s * v u.
Proof.
  unfold FormsSound.value; simpl. apply over_eq. change (z 1%Z) with 1. change (z 0%Z) with 0. ring.
Qed.

Lemma define_extreme_ok e E sc v sg m a x E' sc' : good v E -> sim e sc v (variables E) ->
    is_max K (z sg * x) (map (fun y => z sg * y) (arr K e a)) ->
    define_extreme sg (E, sc) m a = Some (E', sc') -> exists w, ext v E w E' /\
    sim (set_sca K e m x) sc' w (variables E').
Proof.
  intros G S Mx H. simpl in H.
  destruct (find_place sc false a) as [p|] eqn:A; [|discriminate]. cbn [option_map] in H.
  apply find_place_in in A. apply S in A as [A1 A2].
  destruct (element_variables p) as [|u us]; [discriminate|].
  destruct (fresh sc m) eqn:F; [|discriminate]. injection H as <- <-.
  change (signed sg u :: map (signed sg) us) with (map (signed sg) (u :: us)).
  remember (u :: us) as vs. set (w := assign K v (variables E) x).
  assert (W : w (variables E) = x) by apply assign_same. exists w.
  assert (S' : sim e sc w (variables E + 1)) by (eapply sim_agree; eauto; [apply assign_agree|lia]).
  split; [split; [|split; [apply assign_agree|simpl; lia]]|].
  - apply (good_push K w (new_variable E)). apply good_new; auto. simpl. split.
    repeat constructor; simpl; lia. apply Forall_map'. eapply Forall_impl; [|exact A2].
    intros u0 Hu. repeat constructor. simpl in *. lia. simpl. rewrite signed_ok, W, map_map.
    replace (map (fun u0 => value w (signed sg u0)) vs) with (map (fun y => z sg * y) (arr K e a));
      auto. rewrite <- A1, map_map. apply map_ext_in. intros u0 Hu. rewrite signed_ok. f_equal.
    apply assign_agree. unfold lt_all in A2. rewrite Forall_forall in A2; auto.
  - apply sim_new_scalar; auto. simpl. lia.
Qed.

Lemma add_definition_ok e E sc v d e' E' sc' : good v E -> sim e sc v (variables E) ->
    add_definition (E, sc) d = Some (E', sc') -> defines K e d e' -> exists w, ext v E w E' /\
    sim e' sc' w (variables E').
Proof.
  intros G S H D. destruct d as [a n f d s|m f d s|m a|m a|a l]; cbn [add_definition defines] in *.
  - subst e'. eapply (define_array_ok e E sc v f a _ (fun i => over (affine_value K e i s) d));
      eauto.
    intros i t. apply affine_form_ok; auto.
  - subst e'. destruct (affine_form _ _ _ _ _) as [t|] eqn:T; [|discriminate].
    apply (affine_form_ok e sc v (variables E)) in T as [T1 T2]; auto.
    destruct (_ && _) eqn:F; [|discriminate]. injection H as <- <-.
    apply andb_true_iff in F as [F _]. destruct (add_shape_ok K f v E t G T2) as (w & X & W & N).
    exists w. split; auto. apply sim_new_scalar; auto. eapply sim_agree; eauto; apply X.
    rewrite W, T1. auto. rewrite N. lia.
  - destruct D as (x & [M1 M2] & ->). eapply define_extreme_ok; eauto. change (z 1%Z) with 1. split.
    apply (in_map (fun y => 1 * y)); auto. intros y Hy. apply in_map_iff in Hy as [y' [<- Hy]].
    replace (1 * y') with y' by ring. replace (1 * x) with x by ring. auto.
  - destruct D as (x & [M1 M2] & ->). eapply define_extreme_ok; eauto. change (z (-1)%Z)
      with (- (1)).
    split. apply (in_map (fun y => - (1) * y)); auto. intros y Hy.
    apply in_map_iff in Hy as [y' [<- Hy]]. replace (- (1) * y') with (- y') by ring.
    replace (- (1) * x) with (- x) by ring. rewrite (Rle_le_minus (laws K)).
    replace (- x - - y') with (y' - x) by ring.
    rewrite <- (Rle_le_minus (laws K)). auto.
  - subst e'.
    change (fun p => over (affine_value K e 0 (snd p)) (fst p)) with (fun p => shaped K Linear (over
      (affine_value K e 0 (snd p)) (fst p))).
    eapply (define_array_ok e E sc v Linear a _ (fun p =>
      over (affine_value K e 0 (snd p)) (fst p)));
      eauto. intros p t. apply affine_form_ok; auto.
Qed.

Lemma add_definitions_ok ds : forall e E sc v e' E' sc', good v E -> sim e sc v (variables E) ->
    fold_option add_definition ds (E, sc) = Some (E', sc') -> defines_all K e ds e' -> exists w,
    ext v E w E' /\ sim e' sc' w (variables E').
Proof.
  induction ds as [|d ds IH]; intros e E sc v e' E' sc' G S H D.
  - unfold fold_option in H. simpl in H. injection H as <- <-. simpl in D. subst. exists v.
    split; auto. apply ext_refl; auto.
  - destruct D as (e1 & D1 & D2). unfold fold_option in H. cbn [fold_left] in H.
    destruct (add_definition (E, sc) d) as [[E1 sc1]|] eqn:F; [|exfalso; clear -H; induction ds;
      simpl in H; [discriminate|auto]].
    destruct (add_definition_ok e E sc v d e1 E1 sc1 G S F D1) as (w & X & S1).
    destruct (IH e1 E1 sc1 w e' E' sc' (proj1 X) S1 H D2) as (w' & X' & S2). exists w'. split; auto.
    eapply ext_trans; eauto.
Qed.

End DefinitionsSound.
