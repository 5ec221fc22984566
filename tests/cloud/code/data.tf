# Stores of data, each well and badly made.
resource "aws_dynamodb_table" "good" {
  name                        = "orders"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "id"
  deletion_protection_enabled = true
  attribute {
    name = "id"
    type = "S"
  }
  point_in_time_recovery { enabled = true }
  server_side_encryption {
    enabled     = true
    kms_key_arn = aws_kms_key.k.arn
  }
}
resource "aws_dynamodb_table" "bad" {
  name           = "drafts"
  hash_key       = "id"
  read_capacity  = 1
  write_capacity = 1
  attribute {
    name = "id"
    type = "S"
  }
}
resource "aws_secretsmanager_secret" "s" { name = "database" }
resource "aws_kinesis_stream" "bad" {
  name        = "views"
  shard_count = 1
}
resource "aws_efs_file_system" "good" { encrypted = true }
resource "aws_efs_file_system" "bad" { encrypted = false }
resource "aws_ebs_volume" "good" {
  availability_zone = "eu-west-1a"
  size              = 1
  encrypted         = true
}
resource "aws_ebs_volume" "bad" {
  availability_zone = "eu-west-1a"
  size              = 1
}
resource "aws_ecr_repository" "good" {
  name                 = "app"
  image_tag_mutability = "IMMUTABLE"
  image_scanning_configuration { scan_on_push = true }
}
resource "aws_ecr_repository" "bad" { name = "tools" }
resource "aws_s3_bucket" "bare" { bucket = "tf-bare" }
resource "aws_s3_bucket_public_access_block" "logs" {
  bucket                  = aws_s3_bucket.logs.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
resource "aws_s3_bucket_server_side_encryption_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id
  rule {
    apply_server_side_encryption_by_default { sse_algorithm = "AES256" }
  }
}
