/* api.h -- the handlers named in routes.def, by the file that holds them. */
#ifndef HTTP_API_H
#define HTTP_API_H

#include "http/rq.h"

#define HANDLER(name) int name(struct rq *r)

/* api_about.c */
HANDLER(about_health);
HANDLER(about_version);
HANDLER(about_openapi);
HANDLER(about_stats);

/* api_session.c */
HANDLER(session_show);
HANDLER(session_in);
HANDLER(session_log_in);
HANDLER(login_page);
HANDLER(login_in);
HANDLER(login_act);
HANDLER(session_log_out);
HANDLER(setup_show);
HANDLER(setup_in);
HANDLER(setup_act);
HANDLER(invitation_show);
HANDLER(invitation_in);
HANDLER(invitation_accept);
HANDLER(invitation_join);
HANDLER(account_password_in);
HANDLER(account_password);

/* api_user.c */
HANDLER(user_whoami);
HANDLER(user_show);
HANDLER(user_list_all);
HANDLER(people_list);
HANDLER(person_in);
HANDLER(person_change);
HANDLER(account_change);
HANDLER(user_token);
HANDLER(user_token_reset);

/* api_token.c */
HANDLER(tokens_list);
HANDLER(tokens_in);
HANDLER(tokens_add);
HANDLER(tokens_revoke);
HANDLER(pat_list);
HANDLER(pat_add);
HANDLER(pat_in);
HANDLER(pat_refresh);
HANDLER(pat_rotate);
HANDLER(pat_blacklist);

/* api_member.c */
HANDLER(members_list);
HANDLER(members_in);
HANDLER(members_add);
HANDLER(members_change);
HANDLER(members_end);
HANDLER(invitations_in);
HANDLER(invitations_add);
HANDLER(invitations_list);
HANDLER(invitations_revoke);
HANDLER(vendors_list);
HANDLER(vendors_in);
HANDLER(vendors_add);

/* api_project.c */
HANDLER(project_in);
HANDLER(project_new_in);
HANDLER(project_create);
HANDLER(project_show);
HANDLER(project_work);
HANDLER(project_change);
HANDLER(project_drop);
HANDLER(project_list_all);
HANDLER(project_empty);
HANDLER(config_in);
HANDLER(config_valid);
HANDLER(config_parse_in);
HANDLER(config_parse);
HANDLER(config_impact);

/* api_task.c */
HANDLER(project_tasks);
HANDLER(tasks_cursor);
HANDLER(tasks_of_project);
HANDLER(tasks_in);
HANDLER(tasks_page);
HANDLER(task_new_in);
HANDLER(task_create);
HANDLER(task_show);
HANDLER(task_in);
HANDLER(task_change);
HANDLER(task_drop);

/* api_list.c */
HANDLER(list_in);
HANDLER(list_page);
HANDLER(list_map);
HANDLER(list_fields);
HANDLER(list_spread);

/* api_bulk.c */
HANDLER(bulk_in);
HANDLER(deletions_list);
HANDLER(deletion_undo);
HANDLER(deletion_purge);
HANDLER(bulk_act);
HANDLER(bulk_undo_act);
HANDLER(actions_list);
HANDLER(actions_in);
HANDLER(actions_act);

/* api_view.c */
HANDLER(views_in);
HANDLER(views_list);
HANDLER(view_new_in);
HANDLER(view_in);
HANDLER(view_order_in);
HANDLER(view_create);
HANDLER(view_show);
HANDLER(view_change);
HANDLER(view_drop);
HANDLER(views_reset);
HANDLER(views_order);

/* api_annotation.c */
HANDLER(annotation_new_in);
HANDLER(annotation_create);
HANDLER(annotation_list_of);
HANDLER(annotation_show);
HANDLER(annotation_in);
HANDLER(annotation_change);
HANDLER(annotation_drop);
HANDLER(annotation_take_back);
HANDLER(annotation_history);

/* api_comment.c */
HANDLER(comment_in);
HANDLER(comment_create);
HANDLER(comment_change);
HANDLER(comment_drop);
HANDLER(comment_new_in);
HANDLER(comment_create_on);
HANDLER(comments_in);
HANDLER(comments_of_task);
HANDLER(comments_of_answer);

/* api_mine.c */
HANDLER(guidelines_show);
HANDLER(own_history);
HANDLER(account_show);

/* api_prediction.c */
HANDLER(prediction_new_in);
HANDLER(prediction_create);
HANDLER(prediction_show);
HANDLER(prediction_in);
HANDLER(prediction_change);
HANDLER(prediction_drop);
HANDLER(predictions_in);
HANDLER(predictions_list);
HANDLER(predictions_many_in);
HANDLER(predictions_many);

/* api_lease.c */
HANDLER(lease_claim_in);
HANDLER(lease_claim_act);
HANDLER(task_next);
HANDLER(lease_in);
HANDLER(lease_submit_in);
HANDLER(lease_draft_in);
HANDLER(lease_heartbeat);
HANDLER(lease_submit);
HANDLER(lease_skip_act);
HANDLER(lease_give_back);
HANDLER(lease_draft);

/* api_consensus.c */
HANDLER(consensus_rows);
HANDLER(agreement_show);
HANDLER(calibration_show);
HANDLER(methods_show);
HANDLER(project_methods);
HANDLER(skills_show);

/* api_overview.c */
HANDLER(overview_show);
HANDLER(contributions_show);
HANDLER(confusion_show);

/* api_ruling.c */
HANDLER(disputes_list);
HANDLER(dispute_open);
HANDLER(ruling_in);
HANDLER(ruling_make);
HANDLER(ruling_take_back);

/* api_import.c */
HANDLER(import_in);
HANDLER(import_preview_in);
HANDLER(import_preview_show);
HANDLER(import_now_in);
HANDLER(import_create);
HANDLER(import_now);
HANDLER(import_show);
HANDLER(imports_list);
HANDLER(job_show);
HANDLER(job_stop);

/* api_notice.c */
HANDLER(notices_list);
HANDLER(notices_in);
HANDLER(notices_seen);
HANDLER(jobs_list);

/* api_upload.c */
HANDLER(reimport_in);
HANDLER(reimport);
HANDLER(uploads_list);
HANDLER(uploads_in);
HANDLER(uploads_drop);
HANDLER(upload_show);
HANDLER(upload_in);
HANDLER(upload_change);
HANDLER(upload_drop);
HANDLER(upload_bytes);

/* api_export.c */
HANDLER(export_in);
HANDLER(export_start);
HANDLER(export_formats);
HANDLER(media_show);
HANDLER(media_tile);
HANDLER(media_names);

#undef HANDLER

#endif
