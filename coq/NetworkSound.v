(** The variables of a network can have the values that it computes. *)
From Coq Require Import String List ZArith Bool Lia OrderedRing Setoid.
Import ListNotations.
From Relumax Require Import Statement Kernel Elaborate FormsSound FactsSound BranchSound RulesSound.

Lemma assoc_in {B} n (l : list (name * B)) b : assoc n l = Some b -> In (n, b) l.
Proof.
  induction l as [|[m c] l IH]; simpl; [discriminate|]. destruct (String.eqb_spec n m).
  intros H; inversion H; subst; auto. auto.
Qed.

Lemma assoc2_in a w l u : assoc2 a w l = Some u -> In ((a, w), u) l.
Proof.
  induction l as [|[[b w'] c] l IH]; simpl; [discriminate|].
  destruct (String.eqb_spec a b); simpl; auto. destruct (String.eqb_spec w w'); auto.
  intros H; inversion H; subst; auto.
Qed.

Lemma unknown_notin {B} n (l : list (name * B)) b : unknown n l = true -> ~ In (n, b) l.
Proof.
  unfold unknown. destruct (assoc n l) eqn:A; [discriminate|]. intros _.
  induction l as [|[m c] l IH]; simpl in *; [tauto|].
  destruct (String.eqb_spec n m); [discriminate|]. intros [H|H]; [inversion H; congruence|].
  exact (IH A H).
Qed.

Lemma fold_option_ind {A B} (f : B -> A -> option B) (P : list A -> B -> Prop) l : forall b,
    (forall d x b b', P d b -> In x l -> f b x = Some b' -> P (d ++ [x]) b') -> forall d b',
    P d b -> fold_option f l b = Some b' -> P (d ++ l) b'.
Proof.
  induction l as [|x l IH]; intros b S d b' P0 H. unfold fold_option in H. simpl in H.
  inversion H; subst. rewrite app_nil_r; auto. unfold fold_option in H. simpl in H.
  destruct (f b x) as [b1|] eqn:F. change (fold_option f l b1 = Some b') in H.
  replace (d ++ x :: l) with ((d ++ [x]) ++ l) by (rewrite <- app_assoc; auto).
  eapply IH; [|eapply S; eauto; left; auto|exact H]. intros; eapply S; eauto. right; auto. exfalso.
  clear -H. induction l; simpl in H; [discriminate|auto].
Qed.

(** n variables from b on. *)
Definition variables_from (b : N) (n : nat) : list N := map (fun i => (b + N.of_nat i)%N) (seq 0 n).
Definition range_variables (r : range) : list N := variables_from (first r) (N.to_nat (count r)).

Lemma variables_from_S b n : variables_from b (S n) = variables_from b n ++ [(b + N.of_nat n)%N].
Proof.
  unfold variables_from. rewrite seq_S, map_app. reflexivity.
Qed.

Lemma nth_variables_from b n i : (i < n)%nat ->
    nth_error (variables_from b n) i = Some (b + N.of_nat i)%N.
Proof.
  intros H. unfold variables_from. erewrite map_nth_error; [reflexivity|].
  rewrite (nth_error_nth' _ O) by (rewrite seq_length; auto). rewrite seq_nth; auto.
Qed.

Section NetworkSound.
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
Definition lt_all n (l : list N) := Forall (fun u => (u < n)%N) l.

Lemma lt_all_le n m l : (n <= m)%N -> lt_all n l -> lt_all m l.
Proof.
  intros H F. eapply Forall_impl; [|exact F]. simpl; intros; lia.
Qed.

Lemma map_agree n v w l : lt_all n l -> agree n v w -> map w l = map v l.
Proof.
  intros F A. apply map_ext_in. intros u Hu. unfold lt_all in F. rewrite Forall_forall in F.
  symmetry. apply A, F; auto.
Qed.

(** (E', w) extends (E, v). *)
Definition ext (v : N -> K) E (w : N -> K) E' := good w E' /\ agree (variables E) v w /\ (variables
    E <= variables E')%N.

Lemma ext_trans v E w E' u E'' : ext v E w E' -> ext w E' u E'' -> ext v E u E''.
Proof.
  intros (G & A & L) (G' & A' & L'). split; auto. split. intros i Hi. rewrite A, A' by lia; auto.
  lia.
Qed.

Lemma ext_refl v E : good v E -> ext v E v E.
Proof.
  intros G. split; auto. split. intros i _; auto. lia.
Qed.

Lemma ext_unit v E k f : good v E -> form_below (variables E) f -> exists w,
    ext v E w (add_unit E k f) /\ w (variables E) = act K k (value v f).
Proof.
  intros G D. exists (assign K v (variables E) (act K k (value v f))). split; [|apply assign_same].
  split. apply good_new_unit; auto. split. apply assign_agree. rewrite variables_add_unit. lia.
Qed.

Lemma ext_eq v E f : good v E -> form_below (variables E) f -> exists w,
    ext v E w (add_equality E f) /\ w (variables E) = value v f.
Proof.
  intros G D. set (w := assign K v (variables E) (value v f)). exists w. split;
    [|apply assign_same].
  split; [|split; [apply assign_agree|simpl; lia]]. apply (good_push K w (new_variable E)).
  apply good_new; auto. simpl. apply difference_below. apply variable_below; lia.
  eapply terms_below_le; [|exact D]; lia. apply difference_ok. simpl. rewrite variable_ok.
  unfold w at 1. rewrite assign_same. apply (value_agree K (variables E)); auto. apply assign_agree.
Qed.

Lemma nth_error_value (v : N -> K) us j u d : nth_error us j = Some u -> nth j (map v us) d = v u.
Proof.
  intros H. apply (map_nth_error v) in H. apply nth_error_nth; auto.
Qed.

Lemma map_nth_seq (x : list K) : map (fun i => nth i x 0) (seq 0 (List.length x)) = x.
Proof.
  apply (nth_ext _ _ 0 0). rewrite map_length, seq_length; auto. intros n Hn.
  rewrite map_length, seq_length in Hn.
  rewrite (nth_indep _ 0 (nth (List.length x) x 0)) by (rewrite map_length, seq_length; auto).
  rewrite (map_nth (fun i => nth i x 0)). rewrite seq_nth; auto.
Qed.

(** Whatever each step defines, the new variables have the values h of the list, in order. *)
Lemma fold_new {A} (step : branch -> A -> option branch) (h : A -> K) v E l E' : good v E ->
    (forall w E1 x E2, ext v E w E1 -> In x l -> step E1 x = Some E2 -> exists u, ext w E1 u E2 /\
    u (variables E1) = h x /\ variables E2 = (variables E1 + 1)%N) ->
    fold_option step l E = Some E' -> exists w, ext v E w E' /\
    map w (variables_from (variables E) (List.length l)) = map h l /\
    lt_all (variables E') (variables_from (variables E) (List.length l)).
Proof.
  intros G Hs H.
  pose (P := fun d E1 => exists w, ext v E w E1 /\
    map w (variables_from (variables E) (List.length d)) = map h d /\
    variables E1 = (variables E + N.of_nat (List.length d))%N).
  apply (fold_option_ind _ P) with (d := []) in H.
  - destruct H as (w & X & M & N). exists w. cbn [app] in *. split; auto. split; auto. rewrite N.
    apply Forall_forall. intros u Hu. apply in_map_iff in Hu as (i & <- & Hi).
    apply in_seq in Hi. lia.
  - unfold P. intros d x E1 E2 (w & X & M & N) Hx S. destruct (Hs w E1 x E2 X Hx S)
      as (u & Y & U & N').
    exists u. split; [eapply ext_trans; eauto|]. rewrite app_length, Nat.add_1_r. split; [|lia].
    rewrite variables_from_S, !map_app, <- M. f_equal.
    + apply map_ext_in. intros i Hi. apply in_map_iff in Hi as (j & <- & Hj).
      apply in_seq in Hj. symmetry. apply Y. lia.
    + simpl. rewrite <- U, <- N. reflexivity.
  - exists v. split; [apply ext_refl; auto|]. split; [reflexivity|]. simpl. lia.
Qed.

(** * The network *)

(** The variables of a range have the values x. *)
Definition sees (v : N -> K) E (r : range) (x : list K) :=
  map v (range_variables r) = x /\ lt_all (variables E) (range_variables r).

Lemma sees_ext v E w E' r x : ext v E w E' -> sees v E r x -> sees w E' r x.
Proof.
  intros (_ & A & L) [S1 S2]. split. rewrite (map_agree (variables E) v w); auto.
  eapply lt_all_le; eauto.
Qed.

Lemma sees_nth v E r x i : sees v E r x -> (i < count r)%N ->
    v (first r + i)%N = nth (N.to_nat i) x 0 /\ (first r + i < variables E)%N.
Proof.
  intros [S1 S2] H. assert (Nth : nth_error (range_variables r) (N.to_nat i)
    = Some (first r + i)%N).
  { unfold range_variables. rewrite nth_variables_from by lia. f_equal. lia. }
  split. rewrite <- S1. symmetry. apply nth_error_value; auto.
  unfold lt_all in S2. rewrite Forall_forall in S2. apply S2. eapply nth_error_In; eauto.
Qed.

Lemma row_form_ok v E d from x r f : sees v E from x -> row_form d from r = Some f ->
    value v f = row_value K d x r.
Proof.
  intros S. unfold row_form. destruct (map_option _ _) as [ts|] eqn:M; [|discriminate].
  intros H; inversion H. rewrite make_form_ok. unfold row_value. f_equal. f_equal.
  apply map_option_ok in M. clear -M S.
  induction M as [|[j c] [u c'] ws ts Hu _ IH]; simpl; auto. unfold row_term in Hu.
  cbn [fst snd] in Hu. destruct (N.ltb_spec j (count from)); [|discriminate].
  inversion Hu; subst. rewrite IH. f_equal. f_equal. apply (sees_nth v E from x j); auto.
Qed.

Lemma add_shape_ok f v E t : good v E -> form_below (variables E) t -> exists w,
    ext v E w (add_shape f E t) /\ w (variables E) = shaped K f (value v t) /\
    variables (add_shape f E t) = (variables E + 1)%N.
Proof.
  intros G D. destruct f; simpl.
  - destruct (ext_eq v E t G D) as (w & X & W). eauto.
  - destruct (ext_unit v E k t G D) as (w & X & W). eauto.
Qed.

Lemma add_rows_ok d v E from x l s : good v E -> sees v E from x ->
    add_rows d (E, from) l = Some s -> exists w, ext v E w (fst s) /\
    sees w (fst s) (snd s) (map (fun r => shaped K (fst r) (row_value K d x (snd r))) l).
Proof.
  intros G S H. unfold add_rows in H.
  destruct (fold_option (add_row d from) l E) as [E'|] eqn:F; [|discriminate].
  inversion H; subst; clear H. cbn [fst snd].
  apply (fold_new _ (fun r => shaped K (fst r) (row_value K d x (snd r))) v) in F; auto.
  - destruct F as (w & X & M & L). exists w. split; auto. unfold sees, range_variables.
    cbn [first count]. rewrite Nnat.Nat2N.id. auto.
  - intros w E1 r E2 X _ A. unfold add_row in A. destruct (row_form d from (snd r)) as [t|] eqn:R;
      [|discriminate]. destruct (good_form _ t) eqn:Gt; [|discriminate]. inversion A; subst.
    apply good_form_below in Gt. destruct (add_shape_ok (fst r) w E1 t (proj1 X) Gt)
      as (u & Y & U & N).
    exists u. split; auto. split; auto. rewrite U. f_equal.
    eapply row_form_ok; [|exact R]. eapply sees_ext; eauto.
Qed.

Lemma add_network_ok n s x : add_network n = Some s -> List.length x = inputs n -> exists v,
    good v (fst s) /\ sees v (fst s) (input_range n) x /\ sees v (fst s) (snd s) (compute K n x).
Proof.
  unfold add_network. destruct (fold_option add_layer _ _) as [t|] eqn:L; [|discriminate].
  intros O Hx. set (E0 := empty_branch (N.of_nat (inputs n))) in *.
  set (v0 := fun i => nth (N.to_nat i) x 0).
  assert (G0 : good v0 E0) by apply good_empty.
  assert (S0 : sees v0 E0 (input_range n) x).
  { unfold sees, range_variables, input_range. cbn [first count]. rewrite Nnat.Nat2N.id. split.
    - unfold variables_from. rewrite map_map, <- Hx.
      transitivity (map (fun i => nth i x 0) (seq 0 (List.length x))); [|apply map_nth_seq].
      apply map_ext. intros i. unfold v0. f_equal. lia.
    - apply Forall_forall. intros u Hu. apply in_map_iff in Hu as (i & <- & Hi).
      apply in_seq in Hi. simpl. lia. }
  pose (P := fun d t => exists w, ext v0 E0 w (fst t) /\ sees w (fst t) (snd t) (hidden K d x)).
  apply (fold_option_ind _ P) with (d := []) in L.
  - destruct L as (w & X & Sh). cbn [app] in Sh. destruct t as [E from].
    apply (add_rows_ok _ w _ _ (hidden K (layers n) x)) in O; [|apply X|exact Sh].
    destruct O as (u & Y & So). exists u. split; [apply Y|]. split.
    + eapply sees_ext; [|exact S0]. eapply ext_trans; eauto.
    + unfold compute. rewrite map_map in So. exact So.
  - unfold P. intros d l t1 t2 (w & X & Sh) _ A. destruct t1 as [E from]. unfold add_layer in A.
    apply (add_rows_ok _ w _ _ (hidden K d x)) in A; [|apply X|exact Sh].
    destruct A as (u & Y & Su). exists u. split; [eapply ext_trans; eauto|].
    unfold hidden. rewrite fold_left_app. cbn [fold_left]. rewrite map_map in Su. exact Su.
  - exists v0. split; [apply ext_refl; auto|exact S0].
Qed.

End NetworkSound.
